"""Reading the books backwards: from an entry to what was tapped, decided, settled and sent."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.domain.accounts import SchoolAccount, is_merchant, merchant_account, purse_of
from backend.domain.explanation import Fact, Node
from backend.domain.payment import read_code_key
from backend.tables.account import CreditRow, LaneRow, LinkRow, PostingRow
from backend.tables.drawer import CashOutRow, DrawerRow
from backend.tables.ledger import LANE_BITS
from backend.tables.merchant import MerchantRow, PeriodTotalRow, SettlementRow
from backend.tables.payment import (
    CorrectionRow,
    DisputeRow,
    PaymentRow,
    ReversalRow,
    SuspenseRow,
)
from backend.tables.payment_reads import LEGS_MAX
from backend.tables.remittance import (
    CommissionRow,
    RemittanceLineRow,
    RemittanceRow,
    SettlementFeeRow,
)
from backend.tables.school import RulesRow
from backend.tables.terminal import TerminalRow
from backend.tables.top_up import LotReturnRow, LotRow, RefundRow, TopUpRow
from campus_code import STEP_SECONDS


def account_word(account_id: int) -> str:
    """An account, as answers name it: `risk`, `merchant:3`, `purse:cash`."""
    if purse := purse_of(account_id):
        return f"purse:{purse}"
    if is_merchant(account_id):
        return f"merchant:{account_id - merchant_account(0)}"
    return SchoolAccount(account_id).name.lower()


async def entry_node(entry_id: int) -> Node | None:
    """A journal entry: its postings and the link that covers it; None when there is none."""
    rows = await PostingRow.filter(id__gte=entry_id, id__lt=entry_id + LEGS_MAX).order_by("id")
    if not rows:
        return None
    legs = [
        Node(
            "posting",
            row.id,
            {
                "source": account_word(row.source_id),
                "target": account_word(row.target_id),
                "amount_fen": row.amount_fen,
            },
        )
        for row in rows
    ]
    link = await link_node(entry_id)
    facts = {"kind": rows[0].kind, "corrects_id": rows[0].corrects_id}
    return Node("entry", entry_id, facts, (*legs, *([link] if link else ())))


async def link_node(entry_id: int) -> Node | None:
    """The committed set an entry was in: when, by which process, under which hash."""
    lane_id = entry_id >> LANE_BITS
    low, high = lane_id << LANE_BITS, (lane_id + 1) << LANE_BITS
    row = (
        await LinkRow.filter(id__gt=low, id__lt=high, last_id__gte=entry_id).order_by("id").first()
    )
    if row is None:
        return None
    lane = await LaneRow.get_or_none(id=lane_id)
    return Node(
        "link",
        row.id,
        {"posted_at": row.posted_at, "by": lane.opened_by if lane else "", "hash": row.hash},
    )


async def payment_node(row: PaymentRow) -> Node:
    """A payment with all that led to it and all that came of it."""
    parts = [
        await entry_node(row.id),
        _record(row),
        _code(row),
        await _terminal(row.terminal_id),
        await _rules(row),
        *await _afterwards(row),
        await _settled(row.merchant_id, row.business_on),
    ]
    facts: dict[str, Fact] = {
        "merchant": (await MerchantRow.get(id=row.merchant_id)).name,
        "business_on": row.business_on,
        "period_id": row.period_id,
        "class_id": row.class_id,
        "nominal_fen": row.nominal_fen,
        "discount_fen": row.discount_fen,
        "fee_fen": row.fee_fen,
        "charged_fen": row.charged_fen,
        "borne_fen": row.borne_fen,
        "outcome": row.outcome,
        "reason": row.reason,
    }
    return Node("payment", row.id, facts, tuple(one for one in parts if one))


def _record(row: PaymentRow) -> Node:
    return Node(
        "record",
        row.sequence,
        {
            "terminal_id": row.terminal_id,
            "sequence": row.sequence,
            "was_offline": row.was_offline,
            "occurred_at": row.occurred_at,
            "posted_at": row.posted_at,
        },
    )


def _code(row: PaymentRow) -> Node:
    facts: dict[str, Fact] = {"credential": row.credential, "card_id": row.card_id}
    if row.code_key is None:  # it had been used before: see the dispute
        return Node("code", 0, {**facts, "counts": False})
    use = read_code_key(row.code_key)
    facts |= {"step": use.step, "issue": use.issue, "counts": True}
    if use.issue and row.credential == "code":
        facts["shown_at"] = use.step * STEP_SECONDS
    return Node("code", use.step, facts)


async def _terminal(terminal_id: int) -> Node | None:
    row = await TerminalRow.get_or_none(id=terminal_id)
    if row is None:
        return None
    facts: dict[str, Fact] = {
        "name": row.name,
        "group_id": row.group_id,
        "confirmed_sequence": row.journal_sequence,
        "software": row.software,
    }
    return Node("terminal", row.id, facts)


async def _rules(row: PaymentRow) -> Node | None:
    """The rules that were the newest then; a terminal offline may have held older ones."""
    at = datetime.fromtimestamp(row.occurred_at, UTC)
    rules = await RulesRow.filter(published_at__lte=at).order_by("-version").first()
    if rules is None:
        return None
    facts: dict[str, Fact] = {
        "published_at": int(rules.published_at.timestamp()),
        "published_by": rules.published_by,
        "may_be_older": row.was_offline,
    }
    return Node("rules", rules.version, facts)


async def _afterwards(row: PaymentRow) -> list[Node]:
    corrections = CorrectionRow.filter(payment_id=row.id).order_by("id")
    nodes = [await correction_node(one) for one in await corrections]
    for reversal in await ReversalRow.filter(payment_id=row.id):
        entry = await entry_node(reversal.id)
        facts: dict[str, Fact] = {
            "terminal_id": reversal.terminal_id,
            "sequence": reversal.sequence,
            "posted_at": reversal.posted_at,
        }
        nodes.append(Node("reversal", reversal.id, facts, (entry,) if entry else ()))
    if dispute := await DisputeRow.get_or_none(id=row.id):
        facts = {
            "reason": dispute.reason,
            "first_payment_id": dispute.first_payment_id,
            "opened_at": dispute.opened_at,
            "decision": dispute.decision,
            "decided_by": dispute.decided_by,
        }
        nodes.append(Node("dispute", row.id, facts))
    if item := await SuspenseRow.get_or_none(id=row.id):
        facts = {
            "account": account_word(item.account_id),
            "amount_fen": item.amount_fen,
            "reason": item.reason,
            "settled_by_id": item.settled_by_id,
        }
        nodes.append(Node("suspense", item.id, facts))
    return nodes


async def correction_node(row: CorrectionRow) -> Node:
    """A refund or void, its two people and its entry."""
    facts: dict[str, Fact] = {
        "kind": row.kind,
        "payment_id": row.payment_id,
        "amount_fen": row.amount_fen,
        "made_by": row.made_by,
        "approved_by": row.approved_by,
        "reason": row.reason,
        "posted_at": row.posted_at,
    }
    entry = await entry_node(row.id)
    return Node("correction", row.id, facts, (entry,) if entry else ())


async def _settled(merchant_id: int, business_on: int) -> Node | None:
    row = await SettlementRow.get_or_none(merchant_id=merchant_id, business_on=business_on)
    return await settlement_node(row) if row else None


async def settlement_node(row: SettlementRow, *, is_whole: bool = False) -> Node:
    """A settlement and its remittance; `is_whole` with its entry, rate and period totals."""
    fee = await SettlementFeeRow.get_or_none(id=row.id)
    parts: list[Node | None] = []
    if is_whole:
        parts.append(await entry_node(row.id))
        parts += await _period_totals(row)
        parts.append(await _rate(row))
    parts.append(await _remittance(row.id))
    facts: dict[str, Fact] = {
        "merchant": (await MerchantRow.get(id=row.merchant_id)).name,
        "business_on": row.business_on,
        "payments": row.payments,
        "late_payments": row.late_payments,
        "gross_fen": row.gross_fen,
        "refunded_fen": row.refunded_fen,
        "fee_fen": fee.fee_fen if fee else 0,
        "net_fen": row.net_fen,
        "carried_fen": row.net_fen + (fee.fee_fen if fee else 0) - row.gross_fen + row.refunded_fen,
        "settled_at": row.settled_at,
    }
    return Node("settlement", row.id, facts, tuple(one for one in parts if one))


async def _period_totals(row: SettlementRow) -> list[Node]:
    totals = PeriodTotalRow.filter(merchant_id=row.merchant_id, business_on=row.business_on)
    return [
        Node(
            "period_total",
            one.id,
            {
                "period_id": one.period_id,
                "payments": one.payments,
                "payable_fen": one.payable_fen,
                "corrected_fen": one.corrected_fen,
            },
        )
        for one in await totals.order_by("period_id")
    ]


async def _rate(row: SettlementRow) -> Node | None:
    rate = (
        await CommissionRow.filter(merchant_id=row.merchant_id, begins_on__lte=row.business_on)
        .order_by("-begins_on")
        .first()
    )
    if rate is None:
        return None
    facts: dict[str, Fact] = {
        "basis_points": rate.basis_points,
        "begins_on": rate.begins_on,
        "set_by": rate.set_by,
        "reason": rate.reason,
    }
    return Node("commission", rate.id, facts)


async def _remittance(settlement_id: int) -> Node | None:
    line = await RemittanceLineRow.get_or_none(standing_id=settlement_id)
    row = await RemittanceRow.get_or_none(id=line.remittance_id) if line else None
    return remittance_node(row) if row else None


def remittance_node(row: RemittanceRow) -> Node:
    """A remittance and its two people."""
    facts: dict[str, Fact] = {
        "amount_fen": row.amount_fen,
        "settlements": row.settlements,
        "made_by": row.made_by,
        "decision": row.decision,
        "decided_by": row.decided_by,
        "voucher": row.voucher,
        "entry_id": row.entry_id,
    }
    return Node("remittance", row.id, facts)


async def origin_node(entry_id: int, kind: str) -> Node | None:
    """What a journal entry was posted for; None where its kind tells all."""
    if kind == "payment":
        payment = await PaymentRow.get_or_none(id=entry_id)
        return await payment_node(payment) if payment else None
    if kind == "correction":
        correction = await CorrectionRow.get_or_none(id=entry_id)
        return await correction_node(correction) if correction else None
    if kind == "settlement":
        settled = await SettlementRow.get_or_none(id=entry_id)
        return await settlement_node(settled, is_whole=True) if settled else None
    if kind == "remittance":
        sent = await RemittanceRow.get_or_none(entry_id=entry_id)
        return remittance_node(sent) if sent else None
    return await _cash_node(entry_id, kind)


async def _cash_node(entry_id: int, kind: str) -> Node | None:
    """Money that came from or went to people: top-ups, credits, cash, drawers, reversals."""
    if row := await CreditRow.get_or_none(id=entry_id):
        facts: dict[str, Fact] = {"purse": row.purse, "reason": row.reason, "made_by": row.made_by}
        return Node("credit", row.id, {**facts, "drawer_id": row.drawer_id})
    if lot := await LotRow.get_or_none(id=entry_id):
        order = await TopUpRow.get_or_none(out_trade_no=lot.reference)
        facts = {"origin": lot.origin, "number": lot.reference, "paid_at": lot.paid_at}
        if order:
            facts |= {"payer": order.payer.partition(":")[0], "proven_by": order.proven_by}
        return Node("top_up", order.id if order else lot.id, facts)
    if reversal := await ReversalRow.get_or_none(id=entry_id):
        payment = await PaymentRow.get_or_none(id=reversal.payment_id)
        behind = (await payment_node(payment),) if payment else ()
        return Node("reversal", reversal.id, {"sequence": reversal.sequence}, behind)
    if paid := await CashOutRow.get_or_none(id=entry_id):
        facts = {"made_by": paid.made_by, "approved_by": paid.approved_by, "reason": paid.reason}
        return Node("cash_out", paid.id, {**facts, "drawer_id": paid.drawer_id})
    if back := await LotReturnRow.get_or_none(id=entry_id):
        refund = await RefundRow.get_or_none(out_refund_no=back.reference)
        facts = {"number": back.reference, "lot_id": back.lot_id, "undoes_id": back.undoes_id}
        if refund:
            facts |= {"made_by": refund.made_by, "decided_by": refund.decided_by}
        return Node("top_up_refund", refund.id if refund else back.id, facts)
    if kind == "drawer" and (drawer := await DrawerRow.get_or_none(entry_id=entry_id)):
        facts = {"counted_fen": drawer.counted_fen, "expected_fen": drawer.expected_fen}
        return Node("drawer", drawer.id, {**facts, "approved_by": drawer.approved_by})
    return None
