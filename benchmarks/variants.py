"""`python -m benchmarks.variants NAME`: the real server with another path of money behind it.

`http_only` answers without a database; `orm` does the same payment the usual ORM way, one
transaction each. Everything in front (HTTP, authentication, reading, verifying) is the server's.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from os import environ, getpid

from backend import server
from backend.api.app import App, build_app
from backend.api.parts import Parts
from backend.config import Config
from backend.domain.accounts import merchant_account
from backend.domain.payment import Amounts, Attempt, Outcome, OutcomeWord
from backend.opening import begin_log
from backend.supervisor import supervise
from backend.tables.account import AccountRow, PostingRow
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow, TallyRow
from backend.tables.database import transaction
from backend.tables.payment import PaymentRow
from backend.tables.terminal import TerminalRow
from campus_code import Approved, CardState, Declined, Known, RulesBundle, Tally, Tap, decide

LANE_BASE = 900 << 32


class NoDatabase:
    """Answers every tap at once, as approved."""

    def pay(self, attempt: Attempt) -> asyncio.Future[Outcome]:
        """An answer that is ready."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        fen = attempt.asked_fen or 0
        amounts = Amounts(fen, 0, 0, fen)
        future.set_result(Outcome(attempt.sequence, OutcomeWord.POSTED, 1, amounts))
        return future

    async def post(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        """The same for a set."""
        return [await self.pay(one) for one in attempts]

    async def drain(self) -> None:
        """Nothing is under way."""


class UsualOrm:
    """One transaction a payment: get with lock, decide, create, save.

    As such code does, it keeps the balance of both accounts, the payer's and the payee's; at one
    busy merchant everybody waits for that row, which is why the ledger has no such balance.
    """

    def __init__(self, rules: RulesBundle, lane: int) -> None:
        self._rules = rules
        self._ids = count((LANE_BASE + (lane << 28)) // 8 * 8, 8)

    def pay(self, attempt: Attempt) -> asyncio.Task[Outcome]:
        """Post one payment."""
        return asyncio.get_running_loop().create_task(self._pay(attempt))

    async def post(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        """One after the other."""
        return [await self._pay(one) for one in attempts]

    async def drain(self) -> None:
        """Sanic waits for its own tasks."""

    async def _pay(self, attempt: Attempt) -> Outcome:
        async with transaction():
            terminal = await TerminalRow.get(id=attempt.terminal_id)
            standing = await PaymentRow.get_or_none(
                terminal_id=attempt.terminal_id, sequence=attempt.sequence
            )
            card = await CardRow.select_for_update().get(number=attempt.card_number)
            if standing is not None or card.issue != attempt.issue:
                return Outcome(attempt.sequence, OutcomeWord.DECLINED)
            holder = await CardholderRow.get(id=card.holder_id)
            tally = await TallyRow.select_for_update().get(holder_id=holder.id)
            purses = await AccountRow.select_for_update().filter(holder_id=holder.id)
            spent = Tally(
                tally.business_on or None,
                tally.period_id,
                tally.day_fen,
                tally.meal_fen,
                tally.meal_count,
            )
            balances = {one.purse: one.balance_fen for one in purses}
            state = CardState(card.state)
            tap = Tap(attempt.at, terminal.group_id, holder.class_id, state, attempt.asked_fen)
            verdict = decide(tap, self._rules, Known(spent, balances))
            if isinstance(verdict, Declined):
                return Outcome(attempt.sequence, OutcomeWord.DECLINED, reason=verdict.reason)
            entry_id = next(self._ids)
            await _create_payment(entry_id, attempt, terminal, card, verdict)
            for place, (name, part) in enumerate(verdict.split):
                purse = next(one for one in purses if one.purse == name)
                await _move(entry_id + place, purse, merchant_account(terminal.merchant_id), part)
            await _count(tally, spent.add(verdict, attempt.at), attempt)
        amounts = Amounts(
            verdict.nominal_fen, verdict.discount_fen, verdict.fee_fen, verdict.charged_fen
        )
        return Outcome(attempt.sequence, OutcomeWord.POSTED, entry_id, amounts)


async def _create_payment(
    entry_id: int, attempt: Attempt, terminal: TerminalRow, card: CardRow, verdict: Approved
) -> None:
    await PaymentRow.create(
        id=entry_id,
        terminal_id=terminal.id,
        sequence=attempt.sequence,
        merchant_id=terminal.merchant_id,
        card_id=card.id,
        holder_id=card.holder_id,
        code_key=attempt.code_key,
        credential=attempt.credential.value,
        class_id=1,
        period_id=verdict.period_id,
        business_on=verdict.business_on,
        nominal_fen=verdict.nominal_fen,
        discount_fen=verdict.discount_fen,
        fee_fen=verdict.fee_fen,
        charged_fen=verdict.charged_fen,
        borne_fen=0,
        was_offline=False,
        outcome="posted",
        reason="",
        occurred_at=attempt.at,
        posted_at=attempt.at,
    )


async def _move(posting_id: int, purse: AccountRow, target_id: int, amount_fen: int) -> None:
    target = await AccountRow.select_for_update().get(id=target_id)
    purse.balance_fen -= amount_fen
    target.balance_fen += amount_fen
    await purse.save(update_fields=["balance_fen"])
    await target.save(update_fields=["balance_fen"])
    await PostingRow.create(
        id=posting_id,
        kind="payment",
        source_id=purse.id,
        target_id=target_id,
        amount_fen=amount_fen,
        corrects_id=0,
    )


async def _count(row: TallyRow, counted: Tally, attempt: Attempt) -> None:
    row.business_on = counted.business_on or 0
    row.period_id = counted.period
    row.day_fen, row.meal_fen = counted.day_fen, counted.meal_fen
    row.meal_count, row.last_at = counted.meal_count, attempt.at
    row.last_terminal_id = attempt.terminal_id
    await row.save()


def variant(name: str, config: Config) -> App:
    """The real app, with the named path of money."""

    @asynccontextmanager
    async def open_parts() -> AsyncIterator[Parts]:
        async with server.open_parts(config) as parts:
            if name == "http_only":
                yield replace(parts, payments=NoDatabase())
            else:
                yield replace(parts, payments=UsualOrm(parts.rules.bundle, getpid() % 256))

    return build_app(open_parts, "xiaoma")


def main(arguments: list[str]) -> int:
    """Serve a variant, under the server's own supervisor when there is more than one worker."""
    begin_log()
    name, *rest = arguments
    config = Config.read(environ)
    if config.workers > 1 and not rest:
        return supervise(
            [sys.executable, "-m", "benchmarks.variants", name, "--worker"], config.workers
        )
    server.make_app = lambda config: variant(name, config)
    return server.serve(config, is_supervised=bool(rest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
