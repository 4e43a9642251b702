"""Messages the holder agrees to get: one for each time he says so in WeChat's own dialogue."""

from __future__ import annotations

from backend.api.access import for_student, shared_routes
from backend.api.subscriptions import SUBSCRIPTIONS

routes = shared_routes("student_subscriptions", for_student, SUBSCRIPTIONS)
