"""Bring money into one purse at the counter, once per request key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from backend.domain.access import Actor
from backend.domain.accounts import SchoolAccount, purse_account
from backend.domain.card import unknown_cardholder
from backend.domain.drawer import NoOpenDrawer
from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.lot import Origin
from backend.domain.payment import Posting
from backend.domain.set_state import Entry, HolderState, SetWrites
from backend.tables import sql
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.drawers import open_drawer_select
from backend.tables.ledger import Ledger
from backend.tables.sql import Typed
from backend.tables.store import Rows
from backend.usecases.ports import Clock
from campus_code import Tally

HAND_CREDIT_FEN_MAX: Final = 100_000
"""The most one person may bring in at once: 1,000 yuan."""

SOURCES: Final = {
    "cash": SchoolAccount.CASH_DRAWER,
    "benefit": SchoolAccount.BENEFIT_SOURCE,
}
"""Where the money of each purse comes from: the drawer it was put into, or the school's grant."""


@dataclass(frozen=True, slots=True)
class CreditAsked:
    """What to bring in. `request_key` is the asker's own: a repeat gets the first answer."""

    request_key: str
    holder_id: int
    purse: str
    amount_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class CreditMade:
    """The journal entry, the purse's balance in fen now, and whether this call made it."""

    entry_id: int
    balance_fen: int
    is_new: bool


async def credit_by_hand(
    ledger: Ledger, clock: Clock, asked: CreditAsked, actor: Actor
) -> CreditMade:
    """Post the credit, once. Cash goes into the asker's own open drawer, and becomes a lot.

    Raises:
        InvalidInputError: an amount over HAND_CREDIT_FEN_MAX, or no such kind of purse.
        NotFoundError: the holder has no such purse.
        ConflictError: the request key was used for something else.
        NoOpenDrawer: cash, and the asker has no drawer to put it into.

    """
    if asked.purse not in SOURCES:
        raise InvalidInputError("purse", f"must be one of {', '.join(SOURCES)}")
    if type(asked.amount_fen) is not int or not 1 <= asked.amount_fen <= HAND_CREDIT_FEN_MAX:
        raise InvalidInputError("amount_fen", f"must be a whole number 1…{HAND_CREDIT_FEN_MAX}")
    target = purse_account(asked.holder_id, asked.purse)
    reads = [
        open_drawer_select(actor.id, ledger.lock),
        sql.select("balance_fen,floor_fen", "account", f"id={target}", ledger.lock),
        sql.select(
            "id,holder_id,purse,amount_fen",
            "credit",
            f"request_key='{sql.plain(asked.request_key)}'",
        ),
    ]

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, CreditMade]:
        return _decide(rows, entry_ids, asked, actor.label, int(clock()))

    made = await ledger.post(reads, decide)
    if made.is_new:
        async with transaction():
            subject = f"cardholder:{asked.holder_id}"
            detail = {"purse": asked.purse, "amount_fen": asked.amount_fen}
            await note(actor.label, "purses.credit", subject, int(clock()), **detail)
    return made


def _decide(
    rows: list[Rows], entry_ids: Iterator[int], asked: CreditAsked, made_by: str, now: int
) -> tuple[SetWrites, CreditMade]:
    drawers, purses, standing = rows
    if standing:
        entry_id, *said = standing[0]
        if said != [asked.holder_id, asked.purse, asked.amount_fen]:
            raise ConflictError(
                "key_used",
                zh="该请求编号已用于别的申请。",
                en="This key was used for another request.",
            )
        return SetWrites(), CreditMade(entry_id, purses[0][0], is_new=False)
    if not purses:
        raise unknown_cardholder()
    is_cash = asked.purse == "cash"
    if is_cash and not drawers:
        raise NoOpenDrawer
    ((balance_fen, floor_fen),) = purses
    holder = HolderState(
        asked.holder_id, Tally(), 0, {asked.purse: balance_fen}, {asked.purse: floor_fen}
    )
    holder.move(asked.purse, asked.amount_fen)
    source, entry_id = int(SOURCES[asked.purse]), next(entry_ids)
    leg = Posting(source, purse_account(asked.holder_id, asked.purse), asked.amount_fen)
    writes = SetWrites(entries=[Entry(entry_id, "credit", (leg,))], holders=[holder])
    writes.credits.append(
        (
            entry_id,
            asked.request_key,
            asked.holder_id,
            asked.purse,
            asked.amount_fen,
            source,
            Typed(asked.reason),
            made_by,
            now,
            drawers[0][0] if is_cash else 0,
        )
    )
    if is_cash:
        lot = (entry_id, asked.holder_id, Origin.CASH.value, f"credit:{entry_id}", None)
        writes.lots.append((*lot, asked.amount_fen, now, now))
    return writes, CreditMade(entry_id, balance_fen + asked.amount_fen, is_new=True)
