"""One chip at two far places at once: it ends, alone, however late the records come (N1)."""

from __future__ import annotations

import dataclasses

import pytest

from backend.domain.chip_travel import CHIP_TRAVEL_SECONDS, ChipUse, far_apart
from backend.domain.payment import OutcomeWord
from backend.domain.place import PlaceKind
from backend.tables.card import CardRow
from backend.tables.chips import chips_of
from backend.tables.merchant import MerchantRow
from backend.tables.message import MessageMarkRow
from backend.tables.place import PlaceRow
from backend.tables.staff import AuditRow
from backend.tables.terminal import TerminalRow
from backend.usecases.chips.bind_chip import bind_chip
from backend.usecases.chips.watch_chips import VERB, watch_chips
from campus_code import CardState, Chip, ChipKind, ChipRules, CredentialKind, GroupRules, NfcRules
from tests.rig.campus import NOON, Campus
from tests.rig.listening import RememberingBus
from tests.usecases.test_chips import CLASSIC, OFFICE, card_id

NFC = NfcRules((ChipRules(ChipKind.CLASSIC, 5000, 5000, 20271231),))
OTHER = Chip(ChipKind.CLASSIC, bytes.fromhex("deadbeee"))
FEN = 100
DAY_SECONDS = 86_400


@dataclasses.dataclass
class Town:
    """Two houses and a holder with a chip that can be copied."""

    campus: Campus
    holder: int
    here: int
    beside: int
    far: int

    async def pay(self, till: int, at: int, **changes: object) -> int:
        """A payment by the chip; its id."""
        self.campus.now = at
        card: dict[str, object] = {"credential": CredentialKind.CARD, "issue": 0, "step": 0}
        tap = self.campus.tap(till, self.holder, FEN, **card, chip=ChipKind.CLASSIC, **changes)
        (outcome,) = await self.campus.post(tap)
        assert outcome.word is OutcomeWord.POSTED, outcome
        return outcome.payment_id

    async def upload(self, till: int, at: int) -> int:
        """The same, as a record that comes later."""
        card: dict[str, object] = {"credential": CredentialKind.CARD, "issue": 0, "step": 0}
        kind = ChipKind.CLASSIC
        record = self.campus.record(till, self.holder, FEN, at=at, chip=kind, **card)
        (outcome,) = await self.campus.post(record)
        assert outcome.word is OutcomeWord.POSTED, outcome
        return outcome.payment_id

    async def lives(self) -> bool:
        """Whether the card has a chip."""
        rows = await chips_of(await card_id(self.campus, self.holder))
        return any(not row.ended_at for row in rows)

    async def lines(self) -> list[AuditRow]:
        """What stands in the trail of it."""
        return await AuditRow.filter(verb=VERB).order_by("id")


@pytest.fixture
async def town(audited: Campus) -> Town:
    """Windows side by side in one canteen, and a shop."""
    campus = audited
    shop = GroupRules("shop", "超市", "Shop", amount_fen_max=10_000)
    groups = {**campus.rules.groups, "shop": shop}
    campus.rules = dataclasses.replace(campus.rules, nfc=NFC, groups=groups)
    here, beside, far = [await campus.terminal(name) for name in ("Noodles", "Rice", "Shop")]
    await TerminalRow.filter(id=far).update(group_id="shop")
    holder = await campus.holder()
    bus = RememberingBus()
    mine = await card_id(campus, holder)
    await bind_chip(mine, CLASSIC, actor=OFFICE, at=NOON - 3600, bus=bus)
    return Town(campus, holder, here, beside, far)


async def test_a_chip_at_two_places_at_once_ends_alone(town: Town) -> None:
    first = await town.pay(town.here, NOON)
    second = await town.pay(town.far, NOON + CHIP_TRAVEL_SECONDS - 1)
    bus = RememberingBus()
    assert await watch_chips(NOON + 60, bus) == 1
    assert not await town.lives()
    (line,) = await town.lines()
    assert line.subject == f"card:{await card_id(town.campus, town.holder)}"
    assert line.detail == {
        "payments": [first, second],
        "terminals": [town.here, town.far],
        "seconds": CHIP_TRAVEL_SECONDS - 1,
        "kind": "classic",
    }
    assert bus.topics() == {"chips"}
    card = await CardRow.get(id=await card_id(town.campus, town.holder))
    assert card.state == CardState.ACTIVE, "phone and card go on"
    assert await watch_chips(NOON + 61, bus) == 0


async def test_two_windows_of_one_house_and_a_walk_are_a_lunch(town: Town) -> None:
    await town.pay(town.here, NOON)
    await town.pay(town.beside, NOON + 20)
    await town.pay(town.far, NOON + 20 + CHIP_TRAVEL_SECONDS)
    assert await watch_chips(NOON + 100, RememberingBus()) == 0
    assert await town.lives()


async def place(name: str, till: int, kind: PlaceKind, parent_id: int) -> int:
    """Make a place, and let the merchant of a till stand there."""
    row = await PlaceRow.create(name=name, kind=kind.value, parent_id=parent_id)
    merchant_id = (await TerminalRow.get(id=till)).merchant_id
    await MerchantRow.filter(id=merchant_id).update(place_id=row.id)
    made_id: int = row.id
    return made_id


async def test_where_places_are_known_the_house_counts_and_not_the_group(town: Town) -> None:
    """The shop stands in the canteen of the noodles; the rice, of the same group, does not."""
    here = await place("一食堂", town.here, PlaceKind.CANTEEN, 1)
    await place("小超市", town.far, PlaceKind.WINDOW, here)
    await town.pay(town.here, NOON)
    await town.pay(town.far, NOON + 20)
    assert await watch_chips(NOON + 21, RememberingBus()) == 0
    await place("二食堂", town.beside, PlaceKind.CANTEEN, 1)
    await town.pay(town.beside, NOON + 30)
    assert await watch_chips(NOON + 31, RememberingBus()) == 1


async def test_a_record_that_comes_later_is_found_too(town: Town) -> None:
    await town.pay(town.here, NOON)
    assert await watch_chips(NOON + 5, RememberingBus()) == 0
    await town.upload(town.far, NOON - 30)
    assert await watch_chips(NOON + 7200, RememberingBus()) == 1
    assert not await town.lives()


async def test_a_codes_payment_is_no_chips(town: Town) -> None:
    campus = town.campus
    await town.pay(town.here, NOON)
    (outcome,) = await campus.post(campus.tap(town.far, town.holder, FEN))
    assert outcome.word is OutcomeWord.POSTED
    assert await watch_chips(NOON + 5, RememberingBus()) == 0


async def test_the_chip_that_came_after_is_not_ended_for_the_one_before(town: Town) -> None:
    await town.pay(town.here, NOON)
    await town.upload(town.far, NOON + 10)
    mine = await card_id(town.campus, town.holder)
    await bind_chip(mine, OTHER, actor=OFFICE, at=NOON + 600, bus=RememberingBus())
    assert await watch_chips(NOON + 601, RememberingBus()) == 0
    assert await town.lives()


async def test_what_was_looked_at_twice_ends_nothing_twice(town: Town) -> None:
    await town.pay(town.here, NOON)
    await town.pay(town.far, NOON + 1)
    assert await watch_chips(NOON + 5, RememberingBus()) == 1
    await MessageMarkRow.filter(name__startswith="chips:").delete()  # as if it had died before
    assert await watch_chips(NOON + 6, RememberingBus()) == 0
    assert len(await town.lines()) == 1


async def test_a_school_that_begins_to_watch_ends_nothing_for_its_past(town: Town) -> None:
    await town.pay(town.here, NOON - 40)
    await town.pay(town.far, NOON - 30)
    assert await watch_chips(NOON + 2 * DAY_SECONDS, RememberingBus()) == 0
    assert await town.lives()
    await town.pay(town.here, NOON + 2 * DAY_SECONDS)
    await town.pay(town.far, NOON + 2 * DAY_SECONDS + 5)
    assert await watch_chips(NOON + 2 * DAY_SECONDS + 10, RememberingBus()) == 1


def test_the_newest_pair_of_each_card_is_told() -> None:
    uses = [ChipUse(n, 1, n % 2, f"group{n % 2}", NOON + 10 * n) for n in range(4)]
    uses += [ChipUse(9, 2, 1, "group1", NOON)]
    (pair,) = far_apart(reversed(uses))
    assert (pair.first.payment_id, pair.second.payment_id, pair.seconds) == (2, 3, 10)
