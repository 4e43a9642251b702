"""Where a guardian wants letters when WeChat has none left to send: a number for SMS, an e-mail."""

from __future__ import annotations

from backend.api.access import for_guardian, shared_routes
from backend.api.addresses import ADDRESSES

routes = shared_routes("guardian_addresses", for_guardian, ADDRESSES)
