"""A meal on the school over HTTP: the till is told what it always is, the books say the rest."""

from __future__ import annotations

from dataclasses import replace

from backend.domain.access import Role
from backend.usecases.rules.publish_rules import publish_rules
from campus_code import CourtesyRules, to_json
from tests.rig.campus import NOON, rules_with
from tests.rig.office import Office
from tests.rig.shop import Shop

LUNCH_FEN = 1200


async def give(office: Office) -> None:
    """Publish rules that give students a meal."""
    version = office.parts.rules.bundle.version + 1
    rules = replace(rules_with(CourtesyRules(1500)), version=version)
    await publish_rules(to_json(rules), published_by="x", at=office.at, bus=office.parts.bus)
    await office.parts.rules.refresh()


async def test_the_till_is_told_the_same_and_the_statement_more(shop: Shop) -> None:
    await give(shop.office)
    till, rich, poor = await shop.till(), await shop.student(), await shop.student(100)
    paid = await shop.pay(till, shop.code(rich), LUNCH_FEN)
    gift = await shop.pay(till, shop.code(poor), LUNCH_FEN)
    of_a_tap = {"sequence": gift["sequence"], "payment_id": gift["payment_id"]}
    assert gift == {**paid, **of_a_tap}
    assert shop.balance(poor) == 100
    answer = await shop.office.http.get("/student/payments", headers=poor.headers)
    (line,) = answer.json()["payments"]
    assert (line["reason"], line["borne_fen"], line["split_fen"]) == ("courtesy", LUNCH_FEN, {})
    assert (line["is_undone"], line["returned_fen"]) == (False, 0)


async def test_meals_on_the_school_are_listed_when_asked_for_and_wait_for_nobody(
    shop: Shop,
) -> None:
    await give(shop.office)
    till, poor = await shop.till(), await shop.student(100)
    gift = await shop.pay(till, shop.code(poor), LUNCH_FEN)
    http, headers = shop.office.http, await shop.office.staff(Role.FINANCE)
    books = (await http.get("/admin/books", headers=headers)).json()
    assert books["accounts"]["courtesy"] == -LUNCH_FEN
    items = (await http.get("/admin/books/items", headers=headers)).json()
    assert items["suspense"] == []
    listed = []
    for account in ("courtesy", "risk"):
        answer = await http.get(f"/admin/books/items?account={account}", headers=headers)
        listed.append(answer.json()["suspense"])
    assert listed == [
        [
            {
                "payment_id": gift["payment_id"],
                "account": "courtesy",
                "amount_fen": LUNCH_FEN,
                "reason": "courtesy",
                "opened_at": NOON,
            }
        ],
        [],
    ]
    unknown = await http.get("/admin/books/items?account=purse", headers=headers)
    assert unknown.status_code == 400
