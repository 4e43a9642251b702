"""Benefits by the batch: all of a file or nothing, by two people, each line given once."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest

from backend.domain.access import Role
from backend.domain.benefit import BENEFIT_FEN_MAX, read_benefits
from backend.domain.roster import RosterFault
from backend.tables.account import AccountRow, CreditRow
from backend.tables.benefit import BenefitBatchRow, BenefitLineRow
from backend.tables.cardholder import CardholderRow
from backend.usecases.benefits import post_batches as posting
from backend.usecases.benefits.post_batches import post_batches
from backend.usecases.ledger.verify_ledger import verify_ledger
from tests.rig.office import Office
from tests.rig.raw_sql import RefusedSqlError, execute
from tests.rig.shop import Shop
from tests.rig.tills import refused

Json = dict[str, Any]
_numbers = itertools.count(1)


async def people(office: Office, count: int) -> list[CardholderRow]:
    """So many cardholders with purses."""
    return [await office.holder() for _ in range(count)]


def csv(*lines: tuple[str, str]) -> bytes:
    return ("number,amount\n" + "".join(f"{number},{fen}\n" for number, fen in lines)).encode()


async def send(
    office: Office, headers: dict[str, str], body: bytes, *, dry: bool = False, **said: str
) -> httpx.Response:
    asked = {"request_key": f"benefit-{next(_numbers):06}", "title": "助学金", "reason": "三月"}
    params: dict[str, str | int] = {"dry_run": int(dry), **({} if dry else {**asked, **said})}
    return await office.http.post("/admin/benefits", params=params, content=body, headers=headers)


async def kept(office: Office, headers: dict[str, str], body: bytes) -> int:
    """Keep a batch; its id."""
    answer = await send(office, headers, body)
    assert answer.status_code == 200, answer.text
    batch_id: int = answer.json()["batch_id"]
    return batch_id


async def approve(office: Office, batch_id: int) -> httpx.Response:
    other = await office.staff(Role.FINANCE)
    return await office.http.post(f"/admin/benefits/{batch_id}/approvals", headers=other)


async def the_batch(office: Office, headers: dict[str, str]) -> Json:
    answer = await office.http.get("/admin/benefits", headers=headers)
    (batch,) = answer.json()["batches"]
    found: Json = batch
    return found


async def benefit_fen(holder: CardholderRow) -> int:
    account = await AccountRow.get(holder_id=holder.id, purse="benefit")
    return int(account.balance_fen)


async def test_a_batch_is_looked_at_kept_approved_and_given(shop: Shop) -> None:
    office = shop.office
    headers = await office.staff(Role.FINANCE)
    one, two = await people(office, 2)
    body = csv((one.number, "120"), (two.number, "80.5"))
    dry = await send(office, headers, body, dry=True)
    assert dry.status_code == 200, dry.text
    looked = dry.json()
    assert (looked["holders"], looked["total_fen"], looked["batch_id"]) == (2, 20_050, 0)
    assert sum(row["total_fen"] for row in looked["classes"]) == 20_050
    assert await BenefitBatchRow.all().count() == 0
    batch_id = await kept(office, headers, body)
    assert await post_batches(shop.ledger, office.clock) == 0  # nobody approved it
    batch = await the_batch(office, headers)
    assert (batch["state"], batch["pending_fen"], batch["is_proven"]) == ("waiting", 20_050, True)
    own = await office.http.post(f"/admin/benefits/{batch_id}/approvals", headers=headers)
    refused(own, 403, "two_people")
    assert (await approve(office, batch_id)).json()["state"] == "posting"
    assert await post_batches(shop.ledger, office.clock) == 2
    assert await post_batches(shop.ledger, office.clock) == 0
    assert (await benefit_fen(one), await benefit_fen(two)) == (12_000, 8_050)
    batch = await the_batch(office, headers)
    assert (batch["state"], batch["posted"], batch["booked_fen"]) == ("posted", 2, 20_050)
    assert (batch["pending_fen"], batch["is_proven"]) == (0, True)
    path = f"/admin/benefit-lines?batch_id={batch_id}"
    lines = (await office.http.get(path, headers=headers)).json()["lines"]
    booked = {row.id: (row.holder_id, row.amount_fen, row.reason) for row in await CreditRow.all()}
    assert {line["entry_id"] for line in lines} <= set(booked)
    assert booked[lines[0]["entry_id"]] == (one.id, 12_000, "助学金")


@pytest.mark.parametrize("each", [1, 2, 100])
async def test_it_goes_on_where_it_was_cut_off(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, each: int
) -> None:
    monkeypatch.setattr(posting, "LINES_PER_SET", each)
    monkeypatch.setattr(posting, "SETS_PER_RUN", 1)
    office, headers = shop.office, await shop.office.staff(Role.FINANCE)
    holders = await people(office, 5)
    batch_id = await kept(office, headers, csv(*((one.number, "10") for one in holders)))
    await approve(office, batch_id)
    given = [await post_batches(shop.ledger, office.clock) for _ in range(7)]
    assert sum(given) == 5
    assert {await benefit_fen(one) for one in holders} == {1_000}
    batch = await the_batch(office, headers)
    assert (batch["state"], batch["posted"], batch["is_proven"]) == ("posted", 5, True)


async def test_two_workers_give_it_once(shop: Shop) -> None:
    office, headers = shop.office, await shop.office.staff(Role.FINANCE)
    (one,) = await people(office, 1)
    batch_id = await kept(office, headers, csv((one.number, "10")))
    await approve(office, batch_id)
    batch = await BenefitBatchRow.get(id=batch_id)
    lines = await BenefitLineRow.filter(batch_id=batch_id)
    for given in (1, 0):  # the second read its lines before the first had posted them
        assert await posting._post(shop.ledger, office.clock, batch, lines) == given
    assert await benefit_fen(one) == 1_000


@pytest.mark.parametrize(
    "line,fault",
    [
        ("NOBODY,10", "unknown_number"), ("{number},0", "bad_amount"),
        ("{number},10000.01", "bad_amount"), ("{number},1.234", "bad_amount"),
        ("{number},-1", "formula"), ("{number},=1", "formula"), ("{number},", "missing"),
        ("{number},1,2", "ragged"), ("{number},10\n{number},20", "duplicate"),
    ],
)  # fmt: skip
async def test_one_wrong_line_keeps_the_whole_file_out(shop: Shop, line: str, fault: str) -> None:
    office, headers = shop.office, await shop.office.staff(Role.FINANCE)
    one, two = await people(office, 2)
    text = f"number,amount\n{two.number},5\n{line.format(number=one.number)}\n"
    looked = (await send(office, headers, text.encode(), dry=True)).json()
    assert [error["error"] for error in looked["errors"]] == [fault]
    refused(await send(office, headers, text.encode()), 400, "invalid_input")
    assert await BenefitBatchRow.all().count() == 0


async def test_who_has_left_is_given_nothing(shop: Shop) -> None:
    office, headers = shop.office, await shop.office.staff(Role.FINANCE)
    (one,) = await people(office, 1)
    await CardholderRow.filter(id=one.id).update(is_active=False)
    looked = (await send(office, headers, csv((one.number, "5")), dry=True)).json()
    assert [error["error"] for error in looked["errors"]] == ["has_left"]


async def test_a_repeat_is_the_same_batch_and_another_is_none(shop: Shop) -> None:
    office, headers = shop.office, await shop.office.staff(Role.FINANCE)
    (one,) = await people(office, 1)
    key = "the-same-key"
    first = await send(office, headers, csv((one.number, "5")), request_key=key)
    again = await send(office, headers, csv((one.number, "5")), request_key=key)
    assert first.json()["batch_id"] == again.json()["batch_id"]
    other = await send(office, headers, csv((one.number, "6")), request_key=key)
    refused(other, 409, "key_used")
    untitled = await send(office, headers, csv((one.number, "5")), title="  ")
    refused(untitled, 400, "invalid_input")


async def test_what_was_rejected_is_never_given(shop: Shop) -> None:
    office, headers = shop.office, await shop.office.staff(Role.FINANCE)
    (one,) = await people(office, 1)
    batch_id = await kept(office, headers, csv((one.number, "5")))
    other = await office.staff(Role.FINANCE)
    path = f"/admin/benefits/{batch_id}"
    answer = await office.http.post(f"{path}/rejections", headers=other)
    assert (answer.status_code, answer.json()["state"]) == (201, "rejected")
    refused(await office.http.post(f"{path}/approvals", headers=other), 409, "decided_already")
    assert await post_batches(shop.ledger, office.clock) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE benefit_batch SET decision='approved', decided_by=made_by WHERE id={id}",
        "UPDATE benefit_batch SET total_fen=total_fen+1 WHERE id={id}",
        "UPDATE benefit_line SET entry_id=8 WHERE batch_id={id}",
        "UPDATE benefit_line SET amount_fen=amount_fen+1 WHERE batch_id={id}",
        "DELETE FROM benefit_line WHERE batch_id={id}",
    ],
)
async def test_the_database_refuses(shop: Shop, migrated_url: str, statement: str) -> None:
    office, headers = shop.office, await shop.office.staff(Role.FINANCE)
    (one,) = await people(office, 1)
    batch_id = await kept(office, headers, csv((one.number, "5")))
    with pytest.raises(RefusedSqlError):
        execute(migrated_url, statement.format(id=batch_id))


async def test_an_approved_line_gives_what_was_approved(shop: Shop, migrated_url: str) -> None:
    office, headers = shop.office, await shop.office.staff(Role.FINANCE)
    (one,) = await people(office, 1)
    batch_id = await kept(office, headers, csv((one.number, "5")))
    await approve(office, batch_id)
    more = f"UPDATE benefit_line SET amount_fen=amount_fen+1 WHERE batch_id={batch_id}"
    with pytest.raises(RefusedSqlError, match="stands"):
        execute(migrated_url, more)


async def test_a_line_without_its_credit_is_found(office: Office, migrated_url: str) -> None:
    headers = await office.staff(Role.FINANCE)
    (one,) = await people(office, 1)
    batch_id = await kept(office, headers, csv((one.number, "5")))
    await approve(office, batch_id)
    execute(migrated_url, f"UPDATE benefit_line SET entry_id=8 WHERE batch_id={batch_id}")
    report = await verify_ledger(office.parts.ledger)
    assert any("is not what was credited" in finding for finding in report.findings)
    assert not (await the_batch(office, headers))["is_proven"]


def test_a_file_is_read_strictly() -> None:
    file = read_benefits("﻿Amount,NUMBER\n12.5,a-1\n\n,\n".encode())
    assert [(one.number, one.amount_fen) for one in file.lines] == [("A-1", 1_250)]
    most = BENEFIT_FEN_MAX // 100
    assert read_benefits(f"number,amount\nA,{most}\n".encode()).lines[0].amount_fen == most * 100
    for raw in (b"number;amount\n", b"number,amount,name\n", b""):
        (error,) = read_benefits(raw).errors
        assert (error.line, error.fault) == (1, RosterFault.HEADER)
