"""Messages a guardian agrees to get: one for each time he says so in WeChat's own dialogue."""

from __future__ import annotations

from backend.api.access import for_guardian, shared_routes
from backend.api.subscriptions import SUBSCRIPTIONS

routes = shared_routes("guardian_subscriptions", for_guardian, SUBSCRIPTIONS)
