"""
The rules bundle: everything a school may set that decides a tap, as frozen values.

Every value checks its own bounds when it is made (ShapeError names the field). The bundle travels
as the JSON payload of a signed document; see `to_json` and `rules_from_json`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import orjson

from campus_code.courtesy import NO_COURTESY, CourtesyRules
from campus_code.documents import RULES_BYTES_MAX
from campus_code.errors import ShapeError
from campus_code.limits import (
    AMOUNT_FEN_MAX,
    CLASS_ID_MAX,
    ID_LENGTH_MAX,
    NAME_LENGTH_MAX,
    VERSION_MAX,
    require_choice,
    require_few,
    require_int,
    require_text,
)
from campus_code.menu import MenuItem, check_menu
from campus_code.nfc_rules import NfcRules
from campus_code.strict_json import MAY_BE_MISSING, decode, encode, load_object
from campus_code.verify import DEFAULT_WINDOW, Window

PERIODS_MAX: Final = 8
CLASSES_MAX: Final = 256
GROUPS_MAX: Final = 200
TIERS_MAX: Final = 8
PURSES_MAX: Final = 4
PAY_PERCENT_MAX: Final = 200
FEE_PERCENT_MAX: Final = 100
COUNT_LIMIT_MAX: Final = 99
INTERVAL_SECONDS_MAX: Final = 3600
SYNC_AGE_SECONDS_MAX: Final = 30 * 86_400
OFFLINE_PAYMENTS_MAX: Final = 1000
TERMINAL_FEN_MAX: Final = 1_000_000_000  # of one terminal between two syncs: ten million yuan
UTC_OFFSET_SECONDS_MAX: Final = 14 * 3600
DAY_MINUTES: Final = 1440
DEADLINE_MILLISECONDS_MAX: Final = 10_000
DISPLAY_SECONDS_MAX: Final = 60

FeeKind = Literal["none", "fixed", "percent"]
FeeOwner = Literal["school", "merchant"]
OverLimit = Literal["pin", "refuse"]
PriceMode = Literal["free", "fixed", "count"]
TierName = Literal["", "fresh", "stale", "old"]
LEASE_SECONDS: Final = 7 * 86_400
TIER_NAMES: Final = ("fresh", "stale", "old")
STOP: Final = "stop"


@dataclass(frozen=True, slots=True)
class MealPeriod:
    """A meal window in minutes of the local day: begins <= minute < ends; never over midnight."""

    id: str
    zh: str
    en: str
    begins_minute: int
    ends_minute: int

    def __post_init__(self) -> None:
        _require_names(self.id, self.zh, self.en)
        require_int("begins_minute", self.begins_minute, 0, DAY_MINUTES - 1)
        require_int("ends_minute", self.ends_minute, self.begins_minute + 1, DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class Fee:
    """
    The management fee on one tap: none, fixed (fen) or percent of the discounted amount.

    `owner` is who it is for.
    """

    kind: FeeKind = "none"
    amount_fen: int = 0
    percent: int = 0
    owner: FeeOwner = "school"

    def __post_init__(self) -> None:
        require_choice("kind", self.kind, get_args(FeeKind))
        require_choice("owner", self.owner, get_args(FeeOwner))
        require_int("amount_fen", self.amount_fen, 0, AMOUNT_FEN_MAX)
        require_int("percent", self.percent, 0, FEE_PERCENT_MAX)

    def of(self, amount_fen: int) -> int:
        """The fee in fen on a discounted amount; percent is rounded half up."""
        if self.kind == "fixed":
            return self.amount_fen
        return percent_of(amount_fen, self.percent) if self.kind == "percent" else 0


@dataclass(frozen=True, slots=True)
class ClassRules:
    """
    One class of card. Limits are in fen, 0 is off.

    `pay_percent` 100 is the full price, 80 a fifth off, 150 a surcharge. `fixed_prices` by period
    id ("" is outside every period). `over_limit`: "pin" lets the PIN lift the single, meal and day
    limits, "refuse" does not; nothing lifts `count_limit` (taps per meal). `floor_fen` stays in
    the cash purse. `offline_limit_fen`: most one card of this class may spend between syncs at
    terminals that hear each other; `offline_age_seconds_max`: how old their last sync may be then,
    0 for as old as the tiers say. `courtesy`: meals on the school where the purses do not reach.
    """

    class_id: int
    zh: str
    en: str
    pay_percent: int = 100
    fee: Fee = field(default_factory=Fee)
    fixed_prices: Mapping[str, int] = field(default_factory=dict)
    count_limit: int = 0
    single_limit_fen: int = 0
    meal_limit_fen: int = 0
    day_limit_fen: int = 0
    over_limit: OverLimit = "pin"
    floor_fen: int = 0
    offline_limit_fen: int = 0
    offline_age_seconds_max: int = field(default=0, metadata=MAY_BE_MISSING)
    courtesy: CourtesyRules = field(default=NO_COURTESY, metadata=MAY_BE_MISSING)

    def __post_init__(self) -> None:
        age_max = self.offline_age_seconds_max
        require_int("offline_age_seconds_max", age_max, 0, SYNC_AGE_SECONDS_MAX)
        require_int("class_id", self.class_id, 0, CLASS_ID_MAX)
        _require_names("class", self.zh, self.en)
        require_int("pay_percent", self.pay_percent, 0, PAY_PERCENT_MAX)
        if len(self.fixed_prices) > PERIODS_MAX + 1:
            raise ShapeError(f"fixed_prices: at most {PERIODS_MAX + 1} are allowed")
        for period_id, price_fen in self.fixed_prices.items():
            require_text("fixed_prices", period_id, ID_LENGTH_MAX, may_be_empty=True)
            require_int(f"fixed_prices.{period_id}", price_fen, 0, AMOUNT_FEN_MAX)
        require_int("count_limit", self.count_limit, 0, COUNT_LIMIT_MAX)
        require_choice("over_limit", self.over_limit, get_args(OverLimit))
        for name in (
            "single_limit_fen",
            "meal_limit_fen",
            "day_limit_fen",
            "floor_fen",
            "offline_limit_fen",
        ):
            require_int(name, getattr(self, name), 0, AMOUNT_FEN_MAX)


@dataclass(frozen=True, slots=True)
class GroupRules:
    """
    One group of terminals. `price_mode`: free (the cashier types the amount), fixed (by class and
    period) or count (so many taps per meal; a price is optional). No accepted classes or periods
    listed means all. `interval_seconds` between taps of one card, 0 is off. `kind` is the kind of
    merchant, a word of the school's ("canteen", "shop") by which guardians limit; "" is none.
    `menu` is what the cashier may pick from where `price_mode` is free; the amount is its sum then.
    `gives_courtesy`: the school gives meals here to classes that have `courtesy`.
    """

    id: str
    zh: str
    en: str
    price_mode: PriceMode = "free"
    accepted_classes: tuple[int, ...] = ()
    accepted_periods: tuple[str, ...] = ()
    accepts_outside_periods: bool = False
    interval_seconds: int = 0
    purse_order: tuple[str, ...] = ("benefit", "cash")
    amount_fen_max: int = 20_000
    always_pin: bool = False
    kind: str = field(default="", metadata=MAY_BE_MISSING)
    menu: tuple[MenuItem, ...] = field(default=(), metadata=MAY_BE_MISSING)
    gives_courtesy: bool = field(default=False, metadata=MAY_BE_MISSING)

    def __post_init__(self) -> None:
        _require_names(self.id, self.zh, self.en)
        require_choice("price_mode", self.price_mode, get_args(PriceMode))
        require_few("accepted_classes", self.accepted_classes, 0, CLASSES_MAX)
        for class_id in self.accepted_classes:
            require_int("accepted_classes", class_id, 0, CLASS_ID_MAX)
        require_few("accepted_periods", self.accepted_periods, 0, PERIODS_MAX)
        require_few("purse_order", self.purse_order, 1, PURSES_MAX)
        for word in (*self.accepted_periods, *self.purse_order):
            require_text("accepted_periods or purse_order", word, ID_LENGTH_MAX)
        require_int("interval_seconds", self.interval_seconds, 0, INTERVAL_SECONDS_MAX)
        require_int("amount_fen_max", self.amount_fen_max, 1, AMOUNT_FEN_MAX)
        require_text("kind", self.kind, ID_LENGTH_MAX, may_be_empty=True)
        check_menu(self.menu)
        if self.menu and self.price_mode != "free":
            raise ShapeError("menu: only where price_mode is free")


@dataclass(frozen=True, slots=True)
class OfflineTier:
    """
    What a terminal may approve alone while its last sync is at most so many seconds old: one
    payment, payments of one card; then, 0 is off, fen of one card and fen of the whole terminal
    since the last sync. `name`: fresh, stale or old; what no tier covers is stop.
    """

    sync_age_seconds_max: int
    payment_fen_max: int
    payments_max: int
    name: TierName = field(default="", metadata=MAY_BE_MISSING)
    card_fen_max: int = field(default=0, metadata=MAY_BE_MISSING)
    terminal_fen_max: int = field(default=0, metadata=MAY_BE_MISSING)

    def __post_init__(self) -> None:
        require_choice("name", self.name, get_args(TierName))
        require_int("card_fen_max", self.card_fen_max, 0, AMOUNT_FEN_MAX)
        require_int("terminal_fen_max", self.terminal_fen_max, 0, TERMINAL_FEN_MAX)
        require_int("sync_age_seconds_max", self.sync_age_seconds_max, 1, SYNC_AGE_SECONDS_MAX)
        require_int("payment_fen_max", self.payment_fen_max, 0, AMOUNT_FEN_MAX)
        require_int("payments_max", self.payments_max, 0, OFFLINE_PAYMENTS_MAX)


@dataclass(frozen=True, slots=True)
class EmergencyRules:
    """The most one payment by emergency code may be (fen); 0 switches emergency codes off."""

    payment_fen_max: int = 0

    def __post_init__(self) -> None:
        require_int("payment_fen_max", self.payment_fen_max, 0, AMOUNT_FEN_MAX)


@dataclass(frozen=True, slots=True)
class RulesBundle:
    """
    All rules of one school. `day_starts_minute`: the minute of the local day at which the business
    day begins. `display_seconds`: how long a result stays shown and the same scan repeats it.
    `lease_seconds`: a terminal that has not synced for so long locks itself until it has.
    """

    version: int
    school: str
    utc_offset_seconds: int
    day_starts_minute: int
    periods: tuple[MealPeriod, ...]
    classes: Mapping[int, ClassRules]
    groups: Mapping[str, GroupRules]
    offline: tuple[OfflineTier, ...]
    window: Window = DEFAULT_WINDOW
    emergency: EmergencyRules = field(default_factory=EmergencyRules)
    retired_formats: tuple[int, ...] = ()
    online_deadline_milliseconds: int = 1500
    display_seconds: int = 3
    nfc: NfcRules = field(default_factory=NfcRules, metadata=MAY_BE_MISSING)
    lease_seconds: int = field(default=LEASE_SECONDS, metadata=MAY_BE_MISSING)

    def __post_init__(self) -> None:
        require_int("lease_seconds", self.lease_seconds, DAY_MINUTES * 60, SYNC_AGE_SECONDS_MAX)
        require_int("version", self.version, 1, VERSION_MAX)
        require_text("school", self.school, NAME_LENGTH_MAX)
        offset_max = UTC_OFFSET_SECONDS_MAX
        require_int("utc_offset_seconds", self.utc_offset_seconds, -offset_max, offset_max)
        require_int("day_starts_minute", self.day_starts_minute, 0, DAY_MINUTES - 1)
        _check_periods(self.periods)
        require_few("classes", self.classes, 1, CLASSES_MAX)
        for class_id, one in self.classes.items():
            _require_same("classes", class_id, one.class_id)
        require_few("groups", self.groups, 1, GROUPS_MAX)
        for group_id, group in self.groups.items():
            _require_same("groups", group_id, group.id)
        _check_tiers(self.offline)
        require_few("retired_formats", self.retired_formats, 0, 10)
        for form in self.retired_formats:
            require_int("retired_formats", form, 0, 9)
        deadline = self.online_deadline_milliseconds
        require_int("online_deadline_milliseconds", deadline, 1, DEADLINE_MILLISECONDS_MAX)
        require_int("display_seconds", self.display_seconds, 0, DISPLAY_SECONDS_MAX)
        _check_references(self)


def percent_of(amount_fen: int, percent: int) -> int:
    """Percent of a not negative amount, rounded half up to the fen."""
    return (amount_fen * percent + 50) // 100


def trust_at(
    tiers: tuple[OfflineTier, ...], sync_age_seconds: int
) -> tuple[str, OfflineTier | None]:
    """
    Which tier a sync of this age falls into, and its word: fresh, stale, old, or stop and None.

    Tiers without names are called by their places: the first fresh, the last of several old.
    """
    for place, tier in enumerate(tiers):
        if sync_age_seconds <= tier.sync_age_seconds_max:
            is_last = place == len(tiers) - 1
            by_place = "fresh" if place == 0 else "old" if is_last else "stale"
            return tier.name or by_place, tier
    return STOP, None


def to_json(bundle: RulesBundle) -> bytes:
    """The canonical bytes: UTF-8, keys sorted, no spaces; equal bundles give equal bytes."""
    return orjson.dumps(encode(bundle), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def rules_from_json(raw: bytes) -> RulesBundle:
    """
    Read a bundle strictly: every field once (what came later may be missing), none unknown, right
    types (a boolean is no number), bounds kept. ShapeError names the path:
    `groups.noodles.amount_fen_max`.
    """
    return decode(RulesBundle, load_object(raw, RULES_BYTES_MAX))


def _check_periods(periods: tuple[MealPeriod, ...]) -> None:
    require_few("periods", periods, 0, PERIODS_MAX)
    if len({period.id for period in periods}) != len(periods):
        raise ShapeError("periods: an id is given twice")
    ordered = sorted(periods, key=lambda period: period.begins_minute)
    for earlier, later in itertools.pairwise(ordered):
        if later.begins_minute < earlier.ends_minute:
            raise ShapeError(f"periods: {earlier.id} and {later.id} overlap")


def _check_tiers(tiers: tuple[OfflineTier, ...]) -> None:
    require_few("offline", tiers, 0, TIERS_MAX)
    for younger, older in itertools.pairwise(tiers):
        if older.sync_age_seconds_max <= younger.sync_age_seconds_max:
            raise ShapeError("offline: sync_age_seconds_max does not ascend")
    ages = [TIER_NAMES.index(tier.name) for tier in tiers if tier.name]
    if ages != sorted(set(ages)):
        raise ShapeError("offline: the names do not go from fresh to old")


def _check_references(bundle: RulesBundle) -> None:
    period_ids = {period.id for period in bundle.periods}
    for one in bundle.classes.values():
        for period_id in (*one.fixed_prices, *one.courtesy.periods):
            if period_id and period_id not in period_ids:
                name = "fixed_prices" if period_id in one.fixed_prices else "courtesy.periods"
                raise ShapeError(f"classes.{one.class_id}.{name}: no period {period_id}")
    for group in bundle.groups.values():
        for period_id in group.accepted_periods:
            if period_id not in period_ids:
                raise ShapeError(f"groups.{group.id}.accepted_periods: no period {period_id}")
        for class_id in group.accepted_classes:
            if class_id not in bundle.classes:
                raise ShapeError(f"groups.{group.id}.accepted_classes: no class {class_id}")


def _require_names(word: str, zh: str, en: str) -> None:
    require_text("id", word, ID_LENGTH_MAX)
    require_text("zh", zh, NAME_LENGTH_MAX)
    require_text("en", en, NAME_LENGTH_MAX)


def _require_same(name: str, key: int | str, inner: int | str) -> None:
    if key != inner or type(key) is not type(inner):
        raise ShapeError(f"{name}.{key}: holds the rules of {inner}")
