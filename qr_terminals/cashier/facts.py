"""
What the page is told, as plain JSON values. Pure.

No name, no balance, no whole code: a card is its last four digits, and so is nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

from campus_code import Dish, RulesBundle, TerminalRecord
from qr_terminals.config import Identity
from qr_terminals.events import View
from qr_terminals.readiness import MENDING_MIN, READY_MIN, Readiness
from qr_terminals.shifts import ClosedShift, Shift, ShiftBook
from qr_terminals.takings import Takings, TakingsBook
from qr_terminals.till import VOID_SECONDS_MAX

Facts = dict[str, object]


def view_facts(view: View, scan: str) -> Facts:
    """One view. `scan` tells two scans apart and says nothing else of them."""
    facts: Facts = {
        "result": view.shown_as,
        "scan": scan,
        "amount_fen": view.amount_fen,
        "dishes": dish_facts(view.dishes),
        "again": view.is_again,
        "after_restart": view.is_after_restart,
        "training": view.is_training,
    }
    if view.record is not None:
        facts |= record_facts(view.record)
    if view.refusal is not None:
        reason, evidence = view.refusal.reason, view.refusal.evidence
        facts["reason"] = reason.value
        facts["note"] = [reason.sentence("zh", evidence), reason.sentence("en", evidence)]
    if view.note != ("", ""):
        facts["note"] = list(view.note)
    return facts


def record_facts(record: TerminalRecord) -> Facts:
    """One payment or reversal."""
    return {
        "sequence": record.sequence,
        "charged_fen": record.charged_fen,
        "card": record.card_number[-4:],
        "at": record.occurred_at,
        "online": record.was_online,
        "reverses": record.reverses,
    }


def dish_facts(dishes: tuple[Dish, ...]) -> list[Facts]:
    """What is on the list."""
    return [{"code": code, "quantity": quantity} for code, quantity in dishes]


def setup_facts(identity: Identity, rules: RulesBundle | None) -> Facts:
    """What changes only when the office changes it: names, the way of selling, the menu."""
    group = rules.groups.get(identity.group_id) if rules is not None else None
    facts: Facts = {
        "school": identity.school,
        "merchant": identity.merchant,
        "terminal": identity.name,
        "number": identity.terminal_id,
        "void_seconds": VOID_SECONDS_MAX,
        "ready_min": READY_MIN,
        "mending_min": MENDING_MIN,
        "mode": "",
        "menu": [],
    }
    if group is not None:
        facts |= {
            "mode": group.price_mode,
            "group": [group.zh, group.en],
            "amount_fen_max": group.amount_fen_max,
            "menu": [
                {"code": one.code, "name": [one.zh, one.en], "price_fen": one.price_fen}
                for one in group.menu
            ],
        }
    return facts


def period_names(rules: RulesBundle | None, period_id: str) -> list[str]:
    """A period in both languages; outside every period there is no name."""
    for period in rules.periods if rules is not None else ():
        if period.id == period_id:
            return [period.zh, period.en]
    return ["非餐次", "no meal period"]


def book_facts(takings: TakingsBook, period: tuple[int, str], shifts: ShiftBook) -> Facts:
    """The last payments, newest first, and what was taken: this period, today, this shift."""
    business_on, period_id = period
    return {
        "recent": [
            {**record_facts(payment), "voided": sequence in takings.voided}
            for sequence, payment in sorted(takings.recent.items(), reverse=True)
        ],
        "period": takings_facts(takings.of_period(business_on, period_id)),
        "day": takings_facts(takings.of_day(business_on)),
        "shift": _shift_facts(shifts.now, takings.shift),
        "last_shift": _closed_facts(shifts.last),
    }


def takings_facts(takings: Takings) -> Facts:
    """Counts and sums."""
    return {
        "payments": takings.payments,
        "charged_fen": takings.charged_fen,
        "offline": takings.offline,
        "voided": takings.voided,
        "voided_fen": takings.voided_fen,
        "stands_fen": takings.stands_fen,
    }


def readiness_facts(readiness: Readiness) -> Facts:
    """The one number and its parts."""
    parts: Mapping[str, int] = readiness.parts
    return {"score": readiness.score, "parts": dict(parts)}


def _shift_facts(shift: Shift | None, takings: Takings) -> Facts | None:
    if shift is None:
        return None
    return {
        "opened_at": shift.opened_at,
        "cashier": shift.cashier,
        "takings": takings_facts(takings),
    }


def _closed_facts(closed: ClosedShift | None) -> Facts | None:
    if closed is None:
        return None
    return {
        "opened_at": closed.shift.opened_at,
        "closed_at": closed.closed_at,
        "cashier": closed.shift.cashier,
        "takings": takings_facts(closed.takings),
        "counted_fen": closed.counted_fen,
        "difference_fen": closed.difference_fen,
    }
