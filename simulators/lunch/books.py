"""The books, re-added from raw rows and held against the witness's notes. Whole numbers only.

What is looked for: money that does not add up (residual), successes that were shown and are not
in the books (lost), successes that are there twice (doubled), payments nobody intended or nobody
was shown (phantoms), wrong prices, losses nobody expected, refusals that were counted differently.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulators.lunch.prices import charge_fen
from simulators.lunch.rows import Payment, Raws
from simulators.lunch.witness import Display, Intent, Notes

LEGS_MAX = 8
"""A journal entry's postings have the ids entry … entry + 7; a payment's id is its entry's."""
FEE_INCOME = 7
CLEARING = {3: "wechat_in_transit", 4: "bank_in_transit", 5: "offline_suspense", 6: "risk"}
MERCHANT_BASE = 1 << 40
CODE_NUMBERS = 10**8
LATE_SECONDS_MAX = 20


@dataclass(slots=True)
class Books:
    """What was found. `faults` names everything that does not hold; empty means all does."""

    residual_fen: int = 0
    payments: int = 0
    offline: int = 0
    undone: int = 0
    kills: int = 0
    refused: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    balances: dict[int, int] = field(default_factory=dict)
    standing: list[Payment] = field(default_factory=list)
    items: list[tuple[int, int, str]] = field(default_factory=list)
    quarantined: list[tuple[int, int, str]] = field(default_factory=list)
    refusals: dict[str, tuple[int, int]] = field(default_factory=dict)
    rolled: str = ""
    is_rolled_up: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether every figure holds."""
        return not (self.residual_fen or self.lost or self.doubled or self.faults)

    @property
    def last_line(self) -> str:
        """The one line that says it all."""
        return (
            f"books: residual {self.residual_fen} fen, {self.payments} payments"
            f" ({self.offline} offline), {len(self.lost)} lost, {len(self.doubled)} doubled,"
            f" {self.refused} refused"
        )

    def off_by(self, fen: int, sentence: str) -> None:
        """Add a difference to the residual, whatever its sign, and name it."""
        if fen:
            self.residual_fen += abs(fen)
            self.faults.append(f"{sentence}: {fen} fen")


def read_books(raws: Raws, notes: Notes, rules: Mapping[str, Any]) -> Books:
    """Re-add everything and compare."""
    books = Books(faults=list(notes.faults), kills=sum(notes.kills))
    view = _View(raws, notes)
    books.standing = [one for one in raws.payments if one.id not in view.undone]
    books.undone = len(raws.payments) - len(books.standing)
    books.quarantined = [(t, s, r) for t, s, r in raws["quarantine"]]
    _add_up(raws, books)
    _compare_displays(view, books)
    _find_doubles(view, books)
    _find_phantoms(view, books)
    _compare_prices(view, books, rules)
    _compare_losses(view, books)
    _compare_refusals(raws, notes, books)
    _compare_rollup(raws, books)
    return books


class _View:
    """The same rows, found by what the witness knows of them."""

    def __init__(self, raws: Raws, notes: Notes) -> None:
        self.raws = raws
        self.notes = notes
        self.undone = {payment_id for _, _, payment_id in raws["reversals"] if payment_id}
        self.windows = {terminal: window for window, terminal in enumerate(notes.terminals)}
        self.displays = {(one.window, one.sequence): one for one in notes.displays}
        self.voids = set(notes.voids)
        purses = {row[0] for row in raws["accounts"] if row[2] == "purse"}
        self.paid_by_holder = {
            posting - posting % LEGS_MAX
            for posting, source, _, _ in raws["postings"]
            if source in purses
        }
        self._numbers: dict[int, str] = dict(raws["cards"])
        self._by_scan = {(one.window, one.scan): one for one in notes.intents}
        self._by_key = {(one.window, key_of(one)): one for one in notes.intents if one.step}

    def key(self, payment: Payment) -> tuple[int, int]:
        """(window, sequence) of a payment; window -1 for a terminal that is not of this lunch."""
        return self.windows.get(payment.terminal_id, -1), payment.sequence

    def intent(self, payment: Payment) -> Intent | None:
        """What was held in front of the scanner for it: by its screen line, or by its code."""
        window, _ = self.key(payment)
        display = self.displays.get(self.key(payment))
        if display is not None:
            found = self._by_scan.get((window, display.scan))
        elif payment.code_key is not None:
            found = self._by_key.get((window, payment.code_key))
        else:
            found = None
        if found is None or payment.card_id == 0:
            return found
        is_his = self._numbers.get(payment.card_id) == found.card_number
        is_code = payment.code_key in (None, key_of(found))
        return found if is_his and is_code else None


def key_of(intent: Intent) -> int:
    """The number the books keep for one use of one code, worked out from what was shown."""
    if intent.is_emergency:
        return -(intent.step * CODE_NUMBERS + int(intent.card_number)) - 1
    return (intent.step * 100 + intent.issue) * CODE_NUMBERS + int(intent.card_number or 0)


def _add_up(raws: Raws, books: Books) -> None:
    """Every account from its postings; purses, payments and named items against it."""
    balances: dict[int, int] = defaultdict(int)
    entries: dict[int, int] = defaultdict(int)
    accounts = {row[0] for row in raws["accounts"]}
    for posting, source, target, fen in raws["postings"]:
        balances[source] -= fen
        balances[target] += fen
        entries[posting - posting % LEGS_MAX] += fen
        if fen <= 0 or source == target or not {source, target} <= accounts:
            books.faults.append(f"posting {posting}: {source} → {target}, {fen} fen")
    books.balances = dict(balances)
    books.off_by(sum(balances.values()), "all accounts together")
    for account, code, kind, balance_fen, floor_fen in raws["accounts"]:
        if kind == "purse":
            books.off_by(balance_fen - balances[account], f"{code} says more than its postings")
            if balance_fen < floor_fen:
                books.faults.append(f"{code} is at {balance_fen} fen, below {floor_fen}")
    for payment in raws.payments:
        books.off_by(
            payment.charged_fen - entries[payment.id], f"payment {payment.id} against its postings"
        )
    books.items = [(a, fen, why) for _, a, fen, why, settled in raws["suspense"] if not settled]
    for account, name in CLEARING.items():
        named = sum(fen for holder, fen, _ in books.items if holder == account)
        books.off_by(balances[account] + named, f"{name} beyond its named items")


def _compare_displays(view: _View, books: Books) -> None:
    """Each success that was shown stands once, at the same amount; each void is undone."""
    rows: dict[tuple[int, int], list[Payment]] = defaultdict(list)
    for payment in view.raws.payments:
        rows[view.key(payment)].append(payment)
    kept = {(view.windows.get(terminal, -1), seq) for terminal, seq, _ in books.quarantined}
    for key, display in view.displays.items():
        found = rows.get(key, [])
        if len(found) > 1:
            books.doubled.append(f"{_name(display)}: {len(found)} payments under one number")
        right = [one for one in found if one.charged_fen == display.charged_fen]
        if not right and key not in kept:
            books.lost.append(f"{_name(display)}: shown, not in the books at this amount")
        for payment in right[:1]:
            is_undone = payment.id in view.undone
            if is_undone and key not in view.voids:
                books.lost.append(f"{_name(display)}: shown, then undone without a void")
            if not is_undone and key in view.voids:
                books.faults.append(f"{_name(display)}: voided on the screen, not in the books")
            if not is_undone:
                books.payments += 1
                books.offline += not display.was_online


def _find_doubles(view: _View, books: Books) -> None:
    """No natural key twice; no code charged to its holder twice, at whichever window."""
    keys = Counter((one.terminal_id, one.sequence) for one in view.raws.payments)
    codes = Counter(one.code_key for one in view.raws.payments if one.code_key is not None)
    holders: Counter[tuple[str, int, bool]] = Counter()
    for payment in books.standing:
        intent = view.intent(payment)
        if intent is not None and payment.id in view.paid_by_holder:
            holders[intent.card_number, intent.step, intent.is_emergency] += 1
    for counted in (keys, codes, holders):
        books.doubled += [f"{what}: {times} times" for what, times in counted.items() if times > 1]


def _find_phantoms(view: _View, books: Books) -> None:
    """Nothing is in the books that nobody held up, and nothing stands that nobody was shown."""
    for payment in view.raws.payments:
        if view.intent(payment) is None:
            books.faults.append(f"payment {payment.id}: nobody intended it")
    for payment in books.standing:
        if view.key(payment) not in view.displays:
            books.faults.append(f"payment {payment.id}: stands, but no screen showed it")


def _compare_prices(view: _View, books: Books, rules: Mapping[str, Any]) -> None:
    """Each amount as worked out here; each merchant's payable from what was shown."""
    payable: dict[int, int] = defaultdict(int)
    fees_fen = 0
    for payment in books.standing:
        intent = view.intent(payment)
        if intent is None:
            continue
        window, _ = view.key(payment)
        group, at = view.notes.groups[window], payment.occurred_at
        wanted, fee = charge_fen(rules, group, intent.class_id, intent.asked_fen, at)
        if payment.charged_fen != wanted:
            sentence = f"payment {payment.id}: {payment.charged_fen} fen, should be {wanted}"
            books.faults.append(sentence)
        if abs(at - intent.at) > LATE_SECONDS_MAX:
            books.faults.append(f"payment {payment.id}: {at - intent.at} s from its scan")
        payable[payment.merchant_id] += wanted - fee
        fees_fen += fee
    for merchant, name in view.raws["merchants"]:
        held = books.balances.get(MERCHANT_BASE + merchant, 0)
        books.off_by(held - payable[merchant], f"{name} against what its screens showed")
    books.off_by(books.balances.get(FEE_INCOME, 0) - fees_fen, "fee income against the fees due")


def _compare_losses(view: _View, books: Books) -> None:
    """What the school bears is exactly what the witness knew it would, for the same reason."""
    found = {}
    for payment_id, _, _, reason, settled in view.raws["suspense"]:
        for payment in view.raws.payments:
            if payment.id == payment_id and not settled:
                found[view.key(payment)] = reason
    for key in found.keys() | view.notes.borne.keys():
        booked, wanted = found.get(key, "-"), view.notes.borne.get(key, "-")
        if booked != wanted:
            place = f"window {key[0] + 1}, number {key[1]}"
            books.faults.append(f"{place}: the school bears it for {booked}, expected {wanted}")


def _compare_refusals(raws: Raws, notes: Notes, books: Books) -> None:
    """The screens' refusals beside the terminals' own count; a kill may fall between the two."""
    reported: Counter[tuple[int, str]] = Counter()
    for terminal, reason, times in raws["refusals"]:
        if terminal in notes.terminals:
            reported[notes.terminals.index(terminal), reason] += times
    for window, kills in enumerate(notes.kills):
        keys = {key for key in (notes.refusals | reported) if key[0] == window}
        apart = sum(abs(notes.refusals[key] - reported[key]) for key in keys)
        if apart > kills:
            books.faults.append(f"window {window + 1}: {apart} refusals were counted differently")
    for reason in sorted({reason for _, reason in notes.refusals | reported}):
        shown, told = (
            sum(times for (_, why), times in counted.items() if why == reason)
            for counted in (notes.refusals, reported)
        )
        books.refusals[reason] = (shown, told)
    books.refused = sum(notes.refusals.values())


def _compare_rollup(raws: Raws, books: Books) -> None:
    """The worker's roll-up, once it has read every posting."""
    last_by_lane: dict[int, int] = {}
    for posting, *_ in raws["postings"]:
        last_by_lane[posting >> 32] = posting
    marks: dict[int, int] = dict(raws["marks"])
    behind = [lane for lane, last in last_by_lane.items() if marks.get(lane, 0) < last]
    if behind:
        books.rolled = "汇总尚未跟上 · the roll-up has not caught up"
        return
    for account, balance_fen in raws["rolled"]:
        books.off_by(balance_fen - books.balances.get(account, 0), f"roll-up of account {account}")
    for merchant, name in raws["merchants"]:
        rows = [one for one in raws.payments if one.merchant_id == merchant]
        counted = (
            len(rows),
            sum(1 for one in rows if one.was_offline),
            sum(one.charged_fen for one in rows),
        )
        totals = [row[1:] for row in raws["totals"] if row[0] == merchant]
        told = tuple(sum(column) for column in tuple(zip(*totals, strict=True))[:3]) or (0, 0, 0)
        if told != counted:
            books.faults.append(f"{name}: period totals say {told}, the payments {counted}")
        owed_fen = sum(payable_fen - corrected_fen for *_, payable_fen, corrected_fen in totals)
        held_fen = books.balances.get(MERCHANT_BASE + merchant, 0)
        books.off_by(owed_fen - held_fen, f"{name}: period totals against the payable")
    books.is_rolled_up = True
    books.rolled = f"汇总一致 · the roll-up agrees ({len(raws['rolled'])} accounts)"


def _name(display: Display) -> str:
    return f"窗口 window {display.window + 1} #{display.sequence} {display.charged_fen} fen"
