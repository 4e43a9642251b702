"""Topping up one's own purse, and inviting a relative to."""

from __future__ import annotations

from backend.api.access import for_student, shared_routes
from backend.api.top_ups import TOP_UPS

routes = shared_routes("student_top_ups", for_student, TOP_UPS)
