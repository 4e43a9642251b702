"""Taking an import of a roster back: whom nobody touched since is as before."""

from __future__ import annotations

import os

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.domain.errors import ConflictError
from backend.domain.roster import class_ids_of, read_roster
from backend.domain.roster_undo import UNDO_SECONDS, Change
from backend.tables.account import AccountRow
from backend.tables.card import CardRow, PhoneRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl
from backend.tables.guardian import ContactRow
from backend.tables.roster import RosterChangeRow, RosterImportRow
from backend.tables.staff import AuditRow
from backend.usecases.cardholders.forget_changes import forget_changes
from backend.usecases.cardholders.import_roster import ImportOptions, ImportSummary, import_roster
from backend.usecases.cardholders.undo_import import undo_import
from campus_code import CardState
from tests.rig.campus import NOON, make_rules
from tests.rig.listening import RememberingBus

RULES = make_rules()
OFFICE = Actor(Audience.STAFF, 3, "王老师", role=Role.CARD_OFFICE)
HEADER = "number,name,department,class,state,adult\n"
FIRST = HEADER + "S1,张三,计算机学院,学生,,\nS2,李四,图书馆,staff,,\nS3,王五,文学院,学生,,no\n"
SECOND = HEADER + (
    "S1,张叁,软件学院,guest,,\nS2,李四,图书馆,staff,离校,\nS3,王五,文学院,学生,,yes\n"
    "S4,新人,法学院,学生,,\nS5,新二,法学院,学生,,\n"
)


async def bring_in(text: str, *, is_dry_run: bool = False) -> ImportSummary:
    return await import_roster(
        read_roster(text.encode(), class_ids_of(RULES.classes)),
        ImportOptions(has_cards=True, is_dry_run=is_dry_run, reason="新学期"),
        rules=RULES,
        actor=OFFICE,
        at=NOON,
        randomness=os.urandom,
        bus=RememberingBus(),
    )


async def undo(import_id: int, bus: RememberingBus | None = None) -> RosterImportRow:
    return await undo_import(
        import_id, "文件有误", rules=RULES, actor=OFFICE, at=NOON + 60, bus=bus or RememberingBus()
    )


async def people() -> list[tuple[str, str, str, int, bool, bool]]:
    return [
        (row.number, row.name, row.department, row.class_id, row.is_active, row.is_adult)
        for row in await CardholderRow.all().order_by("number")
    ]


async def outcomes(import_id: int) -> dict[str, str]:
    numbers = {row.id: row.number for row in await CardholderRow.all()}
    rows = await RosterChangeRow.filter(import_id=import_id)
    return {numbers[row.holder_id]: row.outcome for row in rows}


async def test_a_dry_run_says_what_each_line_would_do_and_writes_nothing(db: DatabaseUrl) -> None:
    await bring_in(FIRST)
    before = await people()
    summary = await bring_in(SECOND, is_dry_run=True)
    assert (summary.added, summary.changed, summary.leaving, summary.import_id) == (2, 3, 1, 0)
    assert [(one.number, one.change) for one in summary.differences] == [
        ("S1", Change.CHANGED),
        ("S2", Change.LEAVING),
        ("S3", Change.CHANGED),
        ("S4", Change.ADDED),
        ("S5", Change.ADDED),
    ]
    assert await people() == before
    assert await RosterImportRow.all().count() == 1


async def test_an_import_is_taken_back_as_a_whole(db: DatabaseUrl) -> None:
    await bring_in(FIRST)
    before = await people()
    limits = {card.holder_id: card.offline_limit_fen for card in await CardRow.all()}
    summary = await bring_in(SECOND)
    bus = RememberingBus()
    row = await undo(summary.import_id, bus)
    assert (row.undone_by, row.undone_at, row.undone_reason) == ("staff:3", NOON + 60, "文件有误")
    assert (await people())[:3] == before
    assert [one[4] for one in (await people())[3:]] == [False, False], "nobody is removed"
    assert set((await outcomes(summary.import_id)).values()) == {"undone"}
    new = await CardholderRow.filter(number__in=["S4", "S5"])
    cards = await CardRow.filter(holder_id__in=[one.id for one in new])
    assert {card.state for card in cards} == {CardState.CLOSED}
    kept = await CardRow.exclude(id__in=[card.id for card in cards])
    assert {card.holder_id: card.offline_limit_fen for card in kept} == limits
    assert bus.topics() >= {"directory", "denylist"}, "terminals hear of it"
    assert await AuditRow.filter(verb="roster.undo").count() == 1


async def test_undoing_again_changes_nothing(db: DatabaseUrl) -> None:
    summary = await bring_in(FIRST)
    await undo(summary.import_id)
    before, lines = await people(), await AuditRow.all().count()
    assert (await undo(summary.import_id)).undone_at == NOON + 60
    assert (await people(), await AuditRow.all().count()) == (before, lines)


async def test_who_was_changed_since_stays_and_his_row_says_so(db: DatabaseUrl) -> None:
    await bring_in(FIRST)
    summary = await bring_in(SECOND)
    await CardholderRow.filter(number="S1").update(department="理学院")
    await undo(summary.import_id)
    assert (await people())[0] == ("S1", "张叁", "理学院", 3, True, True)
    told = await outcomes(summary.import_id)
    assert (told["S1"], told["S2"], told["S4"]) == ("changed_since", "undone", "undone")


@pytest.mark.parametrize("use", ["phone", "money", "pin", "contact", "card"])
async def test_who_is_new_and_used_his_card_stays(db: DatabaseUrl, use: str) -> None:
    summary = await bring_in(FIRST)
    holder = await CardholderRow.get(number="S1")
    card = await CardRow.get(holder_id=holder.id)
    at = "2026-01-01T00:00:00+00:00"
    if use == "phone":
        await PhoneRow.create(card_id=card.id, issue=1, bound_at=at)
    elif use == "money":
        await AccountRow.filter(holder_id=holder.id, purse="cash").update(balance_fen=1)
    elif use == "pin":
        await CardholderRow.filter(id=holder.id).update(pin_hash="x")
    elif use == "contact":
        await ContactRow.create(
            holder_id=holder.id, kind="self", phone_hash="0", tail="1", made_by="x", made_at=at
        )
    else:
        await CardRow.create(number="00000000", holder_id=holder.id, opened_at=at)
    await undo(summary.import_id)
    assert (await outcomes(summary.import_id)) == {"S1": "in_use", "S2": "undone", "S3": "undone"}
    assert (await CardholderRow.get(number="S1")).is_active
    assert (await CardRow.get(id=card.id)).state == CardState.ACTIVE


async def test_limits_that_ended_with_an_age_are_told_as_gone(db: DatabaseUrl) -> None:
    await bring_in(FIRST)
    await CardholderRow.filter(number="S3").update(is_limited=True)
    summary = await bring_in(SECOND)
    await undo(summary.import_id)
    assert (await outcomes(summary.import_id))["S3"] == "no_limits"
    assert (await people())[2][5] is False


async def test_an_old_import_is_not_taken_back_and_its_people_are_forgotten(
    db: DatabaseUrl,
) -> None:
    summary = await bring_in(FIRST)
    assert await forget_changes(NOON + UNDO_SECONDS) == 0
    assert await forget_changes(NOON + UNDO_SECONDS + 1) == 3
    assert await RosterImportRow.all().count() == 1
    with pytest.raises(ConflictError, match="import_over"):
        await undo_import(
            summary.import_id,
            "太晚",
            rules=RULES,
            actor=OFFICE,
            at=NOON + UNDO_SECONDS + 1,
            bus=RememberingBus(),
        )


async def test_a_cut_off_undoing_goes_on(db: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = await bring_in(FIRST)
    module = "backend.usecases.cardholders.undo_import"
    monkeypatch.setattr(f"{module}.CHANGES_PER_TRANSACTION", 1)
    await undo(summary.import_id)
    assert set((await outcomes(summary.import_id)).values()) == {"undone"}
    assert [one[4] for one in await people()] == [False] * 3
