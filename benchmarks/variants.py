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
from backend.api.parts import Parts
from backend.config import Config
from backend.domain.accounts import merchant_account, purse_account
from backend.domain.payment import Amounts, Attempt, Outcome, OutcomeWord
from backend.opening import begin_log
from backend.supervisor import supervise
from backend.tables.account import AccountRow, PostingRow
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow, TallyRow
from backend.tables.database import transaction
from backend.tables.payment import PaymentRow
from backend.tables.terminal import TerminalRow
from campus_code import CardState, Declined, Known, RulesBundle, Tally, Tap, decide

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
    """One transaction a payment: get with lock, decide, create, save."""

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
                None,
            )
            tap = Tap(
                attempt.at,
                terminal.group_id,
                holder.class_id,
                CardState(card.state),
                attempt.asked_fen,
            )
            known = Known(spent, {one.purse: one.balance_fen for one in purses})
            verdict = decide(tap, self._rules, known)
            if isinstance(verdict, Declined):
                return Outcome(attempt.sequence, OutcomeWord.DECLINED, reason=verdict.reason)
            entry_id = next(self._ids)
            await PaymentRow.create(
                id=entry_id,
                terminal_id=terminal.id,
                sequence=attempt.sequence,
                merchant_id=terminal.merchant_id,
                card_id=card.id,
                holder_id=holder.id,
                code_key=attempt.code_key,
                credential=attempt.credential.value,
                class_id=holder.class_id,
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
            for place, (name, part) in enumerate(verdict.split):
                purse = next(one for one in purses if one.purse == name)
                purse.balance_fen -= part
                await purse.save(update_fields=["balance_fen"])
                await PostingRow.create(
                    id=entry_id + place,
                    kind="payment",
                    source_id=purse_account(holder.id, name),
                    target_id=merchant_account(terminal.merchant_id),
                    amount_fen=part,
                    corrects_id=0,
                )
            counted = spent.add(verdict, attempt.at)
            tally.business_on = counted.business_on or 0
            tally.period_id = counted.period
            tally.day_fen, tally.meal_fen = counted.day_fen, counted.meal_fen
            tally.meal_count, tally.last_at = counted.meal_count, attempt.at
            tally.last_terminal_id = terminal.id
            await tally.save()
        amounts = Amounts(
            verdict.nominal_fen, verdict.discount_fen, verdict.fee_fen, verdict.charged_fen
        )
        return Outcome(attempt.sequence, OutcomeWord.POSTED, entry_id, amounts)


def variant(name: str, config: Config) -> server.App:
    """The real app, with the named path of money."""

    @asynccontextmanager
    async def open_parts() -> AsyncIterator[Parts]:
        async with server.open_parts(config) as parts:
            if name == "http_only":
                yield replace(parts, payments=NoDatabase())
            else:
                yield replace(parts, payments=UsualOrm(parts.rules.bundle, getpid() % 256))

    return server.build_app(open_parts, "xiaoma")


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
