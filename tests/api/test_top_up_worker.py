"""The worker's part when the school or the books are not as usual."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.api.top_up_told import desk_of
from backend.jobs import JOBS
from backend.tables.store import StoreUnavailableError
from backend.tables.top_up import TopUpRow
from backend.usecases.top_ups.ask_orders import ask_orders
from tests.rig.paying import Paying, open_paying
from tests.rig.top_ups import credited, paid_in_silence, state, work, work_for


async def test_without_a_merchant_number_an_old_order_waits(
    migrated_url: str, tmp_path: Path
) -> None:
    async with open_paying(migrated_url, tmp_path, XIAOMA_PAY_MCHID="") as paying:
        student = await paying.student()
        row = await TopUpRow.create(
            out_trade_no="tu-old", request_key="old", holder_id=student.holder_id,
            payer="student:1", wechat_id=1, app_id="wx1", mchid="1900000109", amount_fen=5,
            started_at=paying.at, expires_at=paying.at + 1800, due_at=paying.at,
        )  # fmt: skip
        assert await work(paying) == {"off": 1}
        assert (await TopUpRow.get(id=row.id)).due_at > paying.at
        assert await work(paying) == {}


class Away:
    """Books that cannot be reached."""

    lock = ""

    async def post(self, *_: object) -> None:
        """Fail as a store does."""
        raise StoreUnavailableError


async def test_when_the_books_are_away_it_is_asked_again(paying: Paying) -> None:
    number = await paid_in_silence(paying, await paying.student())
    await paying.advance(20)
    parts = paying.office.parts
    ledger, parts.ledger = parts.ledger, Away()  # type: ignore[assignment]  # stands for real ones
    with pytest.raises(StoreUnavailableError):
        await ask_orders(desk_of(parts))
    parts.ledger = ledger
    assert state(paying, number)[0] == "pending"
    await work_for(paying, 60)
    assert credited(paying) == [(5_000, number)]


def test_the_worker_asks_every_few_seconds() -> None:
    (job,) = [one for one in JOBS if one.name == "ask about orders"]
    assert job.every_seconds <= 10
