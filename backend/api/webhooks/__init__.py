"""Routes under /webhooks: partners call here, and are believed by their signatures alone."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.webhooks import wechat_pay

blueprint = Blueprint.group(wechat_pay.routes, url_prefix="/webhooks")
