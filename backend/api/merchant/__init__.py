"""Routes under /merchant: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

blueprint = Blueprint.group(url_prefix="/merchant")
