"""Physical cards in the books: who pays what a chip took, and who never does."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.domain.credential import Verifier
from backend.domain.errors import ConflictError
from backend.domain.payment import Attempt, OutcomeWord
from backend.gateways.vault import FileVault
from backend.tables.card import CardRow
from backend.tables.chips import chips_after
from backend.tables.versions import CHIPS, counter
from backend.usecases.cards.replace_card import replace_card
from backend.usecases.cards.report_loss import report_loss
from backend.usecases.chips.bind_chip import bind_chip
from backend.usecases.chips.end_chip import end_chip
from backend.usecases.chips.open_chip_kinds import open_chip_kinds
from backend.usecases.key_board import open_chip_keys
from backend.usecases.payments.read_records import read_records
from campus_code import (
    FIRST_HASH,
    Chip,
    ChipKind,
    ChipRules,
    CredentialKind,
    Keyring,
    NfcRules,
    RecordKind,
    RecordSet,
    Refusal,
    TerminalRecord,
)
from tests.rig.campus import ISSUER_KEY, NOON, STUDENT, TERMINAL_KEY, Campus
from tests.rig.listening import RememberingBus
from tests.rig.raw_books import RISK, read_books

OFFICE = Actor(Audience.STAFF, 3, "office", role=Role.CARD_OFFICE)
DESFIRE = Chip(ChipKind.DESFIRE, bytes.fromhex("04782e21801d80"))
OTHER = Chip(ChipKind.DESFIRE, bytes.fromhex("04782e21801d81"))
CLASSIC = Chip(ChipKind.CLASSIC, bytes.fromhex("deadbeef"))
NFC = NfcRules(
    (ChipRules(ChipKind.DESFIRE, 5000, 10_000), ChipRules(ChipKind.CLASSIC, 1500, 2000, 20260101))
)
HOUR = 3600


async def card_id(campus: Campus, holder: int) -> int:
    row = await CardRow.get(number=campus.cards[holder])
    found: int = row.id
    return found


async def bound(campus: Campus, holder: int, chip: Chip = DESFIRE, at: int = NOON - HOUR) -> None:
    campus.rules = dataclasses.replace(campus.rules, nfc=NFC)
    await bind_chip(await card_id(campus, holder), chip, actor=OFFICE, at=at, bus=RememberingBus())


def record(campus: Campus, till: int, holder: int, fen: int, chip: Chip) -> TerminalRecord:
    return TerminalRecord(
        sequence=next(campus.sequences[till]),
        kind=RecordKind.PAYMENT,
        credential=str(chip),
        step=0,
        epoch=0,
        card_number=campus.cards[holder],
        issue=0,
        occurred_at=int(campus.now),
        group_id="canteen",
        class_id=STUDENT,
        asked_fen=fen,
        nominal_fen=fen,
        discount_fen=0,
        fee_fen=0,
        charged_fen=fen,
        period_id="lunch",
        business_on=20260101,
        was_online=False,
        has_pin=False,
        reverses=0,
        sync_age_seconds=60,
        rules_version=1,
        denylist_version=0,
        directory_version=1,
    )


async def attempts(campus: Campus, till: int, *records: TerminalRecord) -> list[Attempt]:
    keys = Keyring((TERMINAL_KEY,)), Keyring((ISSUER_KEY,))
    read = await read_records(RecordSet(till, FIRST_HASH, records), Verifier(*keys, campus.rules))
    return [one._replace(previous_hash=b"") for one in read]  # the chain is another test's


async def told(
    campus: Campus, till: int, holder: int, fen: int, chip: Chip = DESFIRE
) -> tuple[OutcomeWord, Refusal | None]:
    read = await attempts(campus, till, record(campus, till, holder, fen, chip))
    (outcome,) = await campus.post(*read)
    return outcome.word, outcome.reason


async def test_a_chips_record_is_paid_by_whoever_it_is_bound_to(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await bound(audited, holder)
    assert await told(audited, till, holder, 1250) == (OutcomeWord.POSTED, None)
    assert await told(audited, till, holder, 1250) == (OutcomeWord.POSTED, None)
    assert await audited.balance(holder) == 7500


async def test_a_record_sent_again_is_one_payment(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await bound(audited, holder)
    read = await attempts(audited, till, record(audited, till, holder, 1250, DESFIRE))
    await audited.post(*read)
    (again,) = await audited.post(*read)
    assert again.word is OutcomeWord.REPEATED
    assert await audited.balance(holder) == 8750
    (payment,) = read_books(migrated_url).payments
    assert payment[3] is not None  # it counts against what guardians limit


async def test_an_online_tap_asked_again_is_one_payment_and_another_card_a_conflict(
    audited: Campus,
) -> None:
    till, holder, other = await audited.terminal(), await audited.holder(), await audited.holder()
    await bound(audited, holder)
    chip = {"credential": CredentialKind.CARD, "chip": ChipKind.DESFIRE, "issue": 0, "step": 0}
    tap = audited.tap(till, holder, 1250, **chip)
    (first,) = await audited.post(tap)
    (again,) = await audited.post(tap)
    (stolen,) = await audited.post(tap._replace(card_number=audited.cards[other]))
    words = (first.word, again.word, stolen.word)
    assert words == (OutcomeWord.POSTED, OutcomeWord.REPEATED, OutcomeWord.CONFLICT)
    assert (await audited.balance(holder), await audited.balance(other)) == (8750, 10_000)


async def test_what_nobody_bound_or_somebody_else_is_borne_by_the_school(
    audited: Campus, migrated_url: str
) -> None:
    till, holder, other = await audited.terminal(), await audited.holder(), await audited.holder()
    await bound(audited, holder)
    assert await told(audited, till, holder, 100, OTHER) == (
        OutcomeWord.SUSPENSE,
        Refusal.UNKNOWN_CARD,
    )
    assert await told(audited, till, other, 200) == (OutcomeWord.SUSPENSE, Refusal.WRONG_CHIP)
    assert (await audited.balance(holder), await audited.balance(other)) == (10_000, 10_000)
    items = [row[1:4] for row in read_books(migrated_url).items]
    assert items == [(RISK, 100, "unknown_card"), (RISK, 200, "wrong_chip")]


@pytest.mark.parametrize(
    "fen,reason", [(1500, None), (1501, Refusal.SINGLE_LIMIT)], ids=["within", "over"]
)
async def test_a_classic_chip_never_costs_its_holder_more_than_the_cap(
    audited: Campus, fen: int, reason: Refusal | None
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await bound(audited, holder, CLASSIC)
    _, said = await told(audited, till, holder, fen, CLASSIC)
    assert said is reason
    assert await audited.balance(holder) == 10_000 - (0 if reason else fen)


async def test_a_classic_chip_after_its_end_is_borne_by_the_school(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await bound(audited, holder, CLASSIC)
    over = (ChipRules(ChipKind.CLASSIC, 1500, 2000, 20251231),)
    audited.rules = dataclasses.replace(audited.rules, nfc=NfcRules(over))
    assert (await told(audited, till, holder, 100, CLASSIC))[1] is Refusal.CHIP_NOT_TAKEN
    chip = {"credential": CredentialKind.CARD, "chip": ChipKind.CLASSIC, "issue": 0, "step": 0}
    (declined,) = await audited.post(audited.tap(till, holder, 100, **chip))
    assert (declined.word, declined.reason) == (OutcomeWord.DECLINED, Refusal.CHIP_NOT_TAKEN)


async def test_a_classic_chip_is_asked_online_within_its_day(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await bound(audited, holder, CLASSIC)
    chip = {"credential": CredentialKind.CARD, "chip": ChipKind.CLASSIC, "issue": 0, "step": 0}
    taps = [audited.tap(till, holder, 1000, **chip) for _ in range(3)]
    words = [outcome.word for outcome in await audited.post(*taps)]
    assert words == [OutcomeWord.POSTED, OutcomeWord.POSTED, OutcomeWord.DECLINED]
    assert await audited.balance(holder) == 8000


async def test_a_lost_card_ends_its_chip_and_what_it_paid_before_stands(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await bound(audited, holder)
    lost_at = NOON - 60
    await report_loss(
        await card_id(audited, holder), actor=OFFICE, at=lost_at, bus=RememberingBus()
    )
    assert await chips_after(0) == [(DESFIRE, None)]
    late = record(audited, till, holder, 700, DESFIRE)
    early = dataclasses.replace(
        record(audited, till, holder, 500, DESFIRE), occurred_at=lost_at - 1
    )
    outcomes = await audited.post(*await attempts(audited, till, late, early))
    reasons = [one.reason for one in outcomes]
    assert reasons == [Refusal.REPLACED_CREDENTIAL, None]
    assert await audited.balance(holder) == 9500


async def test_a_new_chip_takes_the_place_of_the_old(audited: Campus) -> None:
    holder = await audited.holder()
    await bound(audited, holder, DESFIRE, NOON - 20)
    assert await chips_after(0) == [(DESFIRE, audited.cards[holder])]
    await bound(audited, holder, OTHER, NOON - 10)
    assert await chips_after(1) == [(DESFIRE, None), (OTHER, audited.cards[holder])]
    await bound(audited, holder, DESFIRE, NOON)  # found again
    assert dict(await chips_after(0)) == {DESFIRE: audited.cards[holder], OTHER: None}
    version = await counter(CHIPS)
    await bound(audited, holder, DESFIRE, NOON + 10)
    assert await counter(CHIPS) == version


async def test_a_chip_is_one_cards_at_a_time_and_goes_with_it(audited: Campus) -> None:
    holder, other = await audited.holder(), await audited.holder()
    await bound(audited, holder)
    with pytest.raises(ConflictError) as caught:
        await bound(audited, other)
    assert caught.value.word == "chip_bound"
    bus = RememberingBus()
    mine = await card_id(audited, holder)
    await end_chip(mine, actor=OFFICE, at=NOON, bus=bus)
    await bound(audited, other, DESFIRE, NOON + 1)
    theirs = await card_id(audited, other)
    await replace_card(theirs, actor=OFFICE, at=NOON + 2, randomness=os.urandom, bus=bus)
    assert await chips_after(0) == [(DESFIRE, None)]
    with pytest.raises(ConflictError):
        await bound(audited, other, DESFIRE, NOON + 3)


async def test_kinds_the_rules_name_get_a_key_once(audited: Campus, tmp_path: Path) -> None:
    vault = FileVault.make(tmp_path / "keys")
    rules = dataclasses.replace(audited.rules, nfc=NFC)

    async def opened() -> list[ChipKind]:
        return await open_chip_kinds(
            rules, vault=vault, randomness=os.urandom, clock=audited.clock, bus=RememberingBus()
        )

    assert await opened() == [ChipKind.DESFIRE, ChipKind.CLASSIC]
    first = await open_chip_keys(vault)
    assert await opened() == []
    assert await open_chip_keys(vault) == first
    assert first.kinds == {ChipKind.DESFIRE, ChipKind.CLASSIC}
