"""Lists of the counter that leave as files, in the columns a person reads."""

from __future__ import annotations

from typing import Final

from sanic import Blueprint

from backend.api.list_files import ListFile, Named, file_of
from backend.api.staff.card_requests import CardRequestsQuery, requests_page
from backend.api.staff.corrections import CorrectionsQuery, corrections_page
from backend.api.staff.drawers import CashOutsQuery, DrawersQuery, cash_outs_page, drawers_page
from backend.api.staff.refunds import RefundsQuery, refunds_page
from backend.domain.sheet import Column, Kind

routes = Blueprint("staff_list_exports")

N, FEN, AT, DAY = Kind.NUMBER, Kind.FEN, Kind.TIME, Kind.DAY
STATE: Final = Column("状态", "State")
REASON: Final = Column("原因", "Reason")
AMOUNT: Final = Column("金额", "Amount", FEN)
DECIDED: Final = {
    "made_by": Column("申请人", "Asked by"),
    "made_at": Column("申请时间", "Asked", AT),
    "decided_by": Column("审批人", "Decided by"),
    "decided_at": Column("审批时间", "Decided", AT),
}

file_of(
    routes,
    "/corrections/export",
    ListFile(
        Named("corrections", "退款与撤销", "Refunds and voids", "payments.refund"),
        CorrectionsQuery,
        corrections_page,
        "corrections",
        {
            "request_id": Column("编号", "Request", N),
            "kind": Column("种类", "Kind"),
            "state": STATE,
            "payment_id": Column("消费编号", "Payment", N),
            "merchant": Column("商户", "Merchant"),
            "occurred_at": Column("消费时间", "Paid", AT),
            "charged_fen": Column("实收", "Charged", FEN),
            "amount_fen": AMOUNT,
            "reason": REASON,
            **DECIDED,
        },
    ),
    scoped=True,
)
file_of(
    routes,
    "/drawers/export",
    ListFile(
        Named("drawers", "钱箱", "Cash drawers", "drawers.work"),
        DrawersQuery,
        drawers_page,
        "drawers",
        {
            "drawer_id": Column("编号", "Drawer", N),
            "staff_id": Column("员工编号", "Staff", N),
            "state": STATE,
            "opened_at": Column("开箱", "Opened", AT),
            "opened_fen": Column("备用金", "Float", FEN),
            "closed_at": Column("清点", "Counted at", AT),
            "expected_fen": Column("应有", "Expected", FEN),
            "counted_fen": Column("实点", "Counted", FEN),
            "note": Column("说明", "Note"),
            "approved_by": Column("审批人", "Approved by"),
        },
    ),
    scoped=True,
)
file_of(
    routes,
    "/cash-outs/export",
    ListFile(
        Named("cash_outs", "取现", "Cash-outs", "drawers.work"),
        CashOutsQuery,
        cash_outs_page,
        "cash_outs",
        {
            "request_id": Column("编号", "Request", N),
            "holder_id": Column("持卡人编号", "Holder", N),
            "amount_fen": AMOUNT,
            "state": STATE,
            "reason": REASON,
            **DECIDED,
        },
        is_personal=True,
    ),
)
file_of(
    routes,
    "/top-up-refunds/export",
    ListFile(
        Named("top_up_refunds", "充值退回", "Top-up refunds", "top_ups.read"),
        RefundsQuery,
        refunds_page,
        "refunds",
        {
            "number": Column("退款单号", "Number"),
            "holder_id": Column("持卡人编号", "Holder", N),
            "amount_fen": AMOUNT,
            "state": STATE,
            "fault": Column("异常", "Fault"),
            "reason": REASON,
            "made_by": Column("申请人", "Asked by"),
            "made_at": Column("申请时间", "Asked", AT),
            "decided_by": Column("审批人", "Decided by"),
            "sent_at": Column("发出", "Sent", AT),
            "ended_at": Column("结束", "Ended", AT),
        },
        is_personal=True,
    ),
)
file_of(
    routes,
    "/card-requests/export",
    ListFile(
        Named("card_requests", "访客卡与副卡", "Guests' and second cards", "cards.read"),
        CardRequestsQuery,
        requests_page,
        "requests",
        {
            "request_id": Column("编号", "Request", N),
            "kind": Column("种类", "Kind"),
            "office": Column("部门", "Office"),
            "asked_on": Column("申请日", "Day", DAY),
            "name": Column("姓名", "Name"),
            "class_id": Column("卡类", "Class", N),
            "until_at": Column("到期", "Until", AT),
            "state": STATE,
            "reason": REASON,
            "asked_by": Column("申请人", "Asked by"),
            "decided_by": Column("审批人", "Decided by"),
            "decided_at": Column("审批时间", "Decided", AT),
        },
        is_personal=True,
    ),
    scoped=True,
)
