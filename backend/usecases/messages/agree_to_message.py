from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import ConflictError
from backend.domain.message import ACCEPTANCES_MAX, Stock, Template
from backend.tables.database import transaction
from backend.tables.message import ConsentRow
from backend.tables.recipients import account_of, stock_of
from backend.tables.retrying import retried


@retried
async def agree_to_message(
    template: Template, *, is_accepted: bool, is_long_term: bool, actor: Actor, at: int
) -> dict[Template, Stock]:
    """Keep what WeChat's dialogue was answered with; what there is of each kind by now.

    A yes is one more message, or all of them of a long-term template. A no keeps what was agreed
    to before, and nobody asks for the same again for a while. More than ACCEPTANCES_MAX are not
    kept. ConflictError for a phone that was bound without a WeChat account.
    """
    wechat_id = await account_of(actor)
    if not wechat_id:
        raise ConflictError(
            "no_wechat",
            zh="绑定时没有使用微信登录，请重新绑定后再订阅。",
            en="This phone was bound without WeChat; bind it again to get messages.",
        )
    async with transaction():
        await ConsentRow.get_or_create(wechat_id=wechat_id, template=template.value)
        row = await ConsentRow.select_for_update().get(wechat_id=wechat_id, template=template.value)
        stock = stock_of(row)
        row.is_long_term = is_long_term
        if not is_accepted:
            row.refused_at = at
        elif stock.messages_left < ACCEPTANCES_MAX:
            row.agreed_at = stock.agreed_at if stock.may_be_sent else at
            row.messages_left = stock.messages_left if is_long_term else stock.messages_left + 1
            row.refused_at = 0
        await row.save()
        kept = await ConsentRow.filter(wechat_id=wechat_id)
    stocks = {Template(one.template): stock_of(one) for one in kept}
    return {each: stocks.get(each, Stock()) for each in Template}
