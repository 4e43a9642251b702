from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.message import Stock, Template
from backend.tables.message import ConsentRow
from backend.tables.recipients import account_of, stock_of


async def read_stocks(actor: Actor) -> dict[Template, Stock] | None:
    """What somebody's WeChat account agreed to; None for a phone bound without one."""
    wechat_id = await account_of(actor)
    if not wechat_id:
        return None
    kept = await ConsentRow.filter(wechat_id=wechat_id)
    stocks = {Template(one.template): stock_of(one) for one in kept}
    return {each: stocks.get(each, Stock()) for each in Template}
