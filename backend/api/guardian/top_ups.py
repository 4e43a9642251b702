"""A guardian tops up a child's purse from afar, and invites a relative to."""

from __future__ import annotations

from backend.api.access import for_guardian, shared_routes
from backend.api.top_ups import TOP_UPS

routes = shared_routes("guardian_top_ups", for_guardian, TOP_UPS, "/children/<holder_id:int>")
