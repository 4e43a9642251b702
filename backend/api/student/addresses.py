"""Where the holder wants letters when WeChat has none left to send: a number for SMS, an e-mail."""

from __future__ import annotations

from backend.api.access import for_student, shared_routes
from backend.api.addresses import ADDRESSES

routes = shared_routes("student_addresses", for_student, ADDRESSES)
