"""Lists of the office that leave as files, in the columns a person reads."""

from __future__ import annotations

from typing import Final

from sanic import Blueprint

from backend.api.admin.alerts import AlertsQuery, alerts_page
from backend.api.admin.cases import CasesQuery, cases_page
from backend.api.admin.days import days_page
from backend.api.admin.differences import DifferencesQuery, differences_page
from backend.api.admin.ledger_lists import InactiveQuery, inactive_page
from backend.api.admin.machine import OutboxQuery, outbox_page
from backend.api.admin.remittances import RemittancesQuery, remittances_page
from backend.api.admin.rules_versions import versions_page
from backend.api.admin.settings import ChangesQuery, changes_page
from backend.api.admin.suspense import quarantine_page
from backend.api.admin.terminals import TerminalsShape, terminals_page
from backend.api.list_files import ListFile, Named, file_of
from backend.api.paging import PageShape
from backend.domain.sheet import Column, Kind

routes = Blueprint("admin_list_exports")

N, FEN, AT, DAY = Kind.NUMBER, Kind.FEN, Kind.TIME, Kind.DAY
STATE: Final = Column("状态", "State")
REASON: Final = Column("原因", "Reason")
MERCHANT: Final = Column("商户", "Merchant")

file_of(
    routes,
    "/terminals/export",
    ListFile(
        Named("terminals", "终端", "Terminals", "terminals.read"),
        TerminalsShape,
        terminals_page,
        "terminals",
        {
            "terminal_id": Column("终端号", "Terminal", N),
            "name": Column("名称", "Name"),
            "merchant": MERCHANT,
            "canteen": Column("食堂", "Canteen"),
            "group_id": Column("终端组", "Group"),
            "kind": Column("种类", "Kind"),
            "standing": STATE,
            "enrolled_at": Column("登记", "Enrolled", AT),
            "seen_at": Column("最近联系", "Last heard", AT),
            "revoked_at": Column("停用", "Revoked", AT),
            "readiness.score": Column("就绪分", "Readiness", N),
            "clock_skew_seconds": Column("时钟偏差（秒）", "Clock off by (s)", N),
            "journal_depth": Column("待传流水", "Records to send", N),
            "versions.rules": Column("规则版本", "Rules", N),
            "software": Column("软件", "Software"),
        },
    ),
    scoped=True,
)
file_of(
    routes,
    "/rules/versions/export",
    ListFile(
        Named("rules_versions", "规则版本", "Versions of rules", "rules.review"),
        PageShape,
        versions_page,
        "versions",
        {
            "version": Column("版本", "Version", N),
            "published_at": Column("发布时间", "Published", AT),
            "published_by": Column("发布人", "By"),
            "standing": STATE,
        },
    ),
)
file_of(
    routes,
    "/alerts/export",
    ListFile(
        Named("alerts", "预警", "Alerts", "cases.read"),
        AlertsQuery,
        alerts_page,
        "alerts",
        {
            "alert_id": Column("编号", "Alert", N),
            "kind": Column("类型", "Kind"),
            "merchant_id": Column("商户号", "Merchant", N),
            "terminal_id": Column("终端号", "Terminal", N),
            "cardholder_id": Column("持卡人编号", "Holder", N),
            "payment_id": Column("消费编号", "Payment", N),
            "business_on": Column("营业日", "Business day", DAY),
            "evidence": Column("证据", "Evidence"),
            "found_at": Column("发现时间", "Found", AT),
            "case_id": Column("个案", "Case", N),
            "closed_at": Column("办结时间", "Closed", AT),
            "closing_reason": REASON,
        },
    ),
    scoped=True,
)
file_of(
    routes,
    "/cases/export",
    ListFile(
        Named("cases", "个案", "Cases", "cases.read"),
        CasesQuery,
        cases_page,
        "cases",
        {
            "case_id": Column("编号", "Case", N),
            "title": Column("标题", "Title"),
            "opened_at": Column("立案", "Opened", AT),
            "due_at": Column("期限", "Due", AT),
            "is_late": Column("超期", "Late"),
            "closed_at": Column("结案", "Closed", AT),
            "finding": Column("结论", "Finding"),
            "closing_reason": REASON,
        },
    ),
)
file_of(
    routes,
    "/days/export",
    ListFile(
        Named("days", "日结", "Days closed", "days.read"),
        PageShape,
        days_page,
        "days",
        {
            "business_on": Column("营业日", "Business day", DAY),
            "is_over": Column("已结束", "Over"),
            "payments": Column("消费笔数", "Payments", N),
            "charged_fen": Column("实收", "Charged", FEN),
            "close.closed_by": Column("日结人", "Closed by"),
            "close.closed_at": Column("日结时间", "Closed", AT),
            "close.missing": Column("未到终端", "Terminals missing", N),
            "close.reason": REASON,
        },
    ),
)
file_of(
    routes,
    "/remittances/export",
    ListFile(
        Named("remittances", "付款", "Remittances", "settlements.read"),
        RemittancesQuery,
        remittances_page,
        "remittances",
        {
            "remittance_id": Column("编号", "Remittance", N),
            "merchant": MERCHANT,
            "through_on": Column("结算至", "Through", DAY),
            "settlements": Column("结算笔数", "Settlements", N),
            "amount_fen": Column("金额", "Amount", FEN),
            "state": STATE,
            "made_by": Column("申请人", "Asked by"),
            "made_at": Column("申请时间", "Asked", AT),
            "decided_by": Column("审批人", "Decided by"),
            "decided_at": Column("审批时间", "Decided", AT),
            "voucher": Column("银行凭证号", "Bank voucher"),
            "reason": REASON,
        },
    ),
)
file_of(
    routes,
    "/differences/export",
    ListFile(
        Named("differences", "对账差异", "Differences", "bills.read"),
        DifferencesQuery,
        differences_page,
        "differences",
        {
            "day_on": Column("账单日", "Day", DAY),
            "subject": Column("对象", "Subject"),
            "cause": Column("差异原因", "Cause"),
            "bill_fen": Column("账单", "Bill", FEN),
            "ours_fen": Column("订单", "Orders", FEN),
            "ledger_fen": Column("总账", "Ledger", FEN),
            "proposal": Column("建议", "Proposal"),
            "state": STATE,
            "way": Column("处理", "Way"),
            "note": Column("说明", "Note"),
            "asked_by": Column("申请人", "Asked by"),
            "decided_by": Column("审批人", "Decided by"),
            "decided_at": Column("审批时间", "Decided", AT),
        },
    ),
)
file_of(
    routes,
    "/inactive-cards/export",
    ListFile(
        Named("inactive_cards", "久未使用的卡", "Inactive cards", "reports.read"),
        InactiveQuery,
        inactive_page,
        "cards",
        {
            "card_number": Column("卡号", "Card"),
            "class_id": Column("卡类", "Class", N),
            "last_at": Column("最后使用", "Last used", AT),
            "balance_fen": Column("余额", "Balance", FEN),
        },
        is_personal=True,
    ),
)
file_of(
    routes,
    "/quarantine/export",
    ListFile(
        Named("quarantine", "隔离流水", "Quarantine", "books.read"),
        PageShape,
        quarantine_page,
        "quarantined",
        {
            "quarantine_id": Column("编号", "Number", N),
            "terminal": Column("终端", "Terminal"),
            "sequence": Column("流水号", "Sequence", N),
            "reason": REASON,
            "received_at": Column("收到", "Received", AT),
            "resolved_at": Column("处理", "Settled", AT),
        },
    ),
)
file_of(
    routes,
    "/outbox/export",
    ListFile(
        Named("outbox", "消息", "Messages", "messages.read"),
        OutboxQuery,
        outbox_page,
        "messages",
        {
            "message_id": Column("编号", "Message", N),
            "topic": Column("对象", "About"),
            "template": Column("种类", "Kind"),
            "channel": Column("途径", "Way"),
            "state": STATE,
            "fault": REASON,
            "tries": Column("次数", "Tries", N),
            "made_at": Column("生成", "Made", AT),
            "done_at": Column("完成", "Done", AT),
        },
    ),
)
file_of(
    routes,
    "/settings/changes/export",
    ListFile(
        Named("setting_changes", "设置变更", "Changes of settings", "settings.read"),
        ChangesQuery,
        changes_page,
        "changes",
        {
            "name": Column("设置", "Setting"),
            "before": Column("之前", "Before", N),
            "after": Column("之后", "After", N),
            "reason": REASON,
            "changed_by": Column("修改人", "By"),
            "changed_at": Column("修改时间", "At", AT),
        },
    ),
)
