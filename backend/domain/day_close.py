"""Closing a business day: which terminals still hold something, and when a day may be closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from backend.domain.errors import ConflictError

REASON_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the server knows of one terminal's journal. Times are Unix seconds, 0: never."""

    terminal_id: int
    name: str
    merchant_id: int
    seen_at: int
    highest_sequence: int
    confirmed_sequence: int
    waiting: int
    """Records in its journal that were not taken over, as it said itself."""

    def is_missing(self, ends_at: int) -> bool:
        """Whether something of a day that ended then may still be on the terminal."""
        is_behind = self.waiting > 0 or self.highest_sequence > self.confirmed_sequence
        return is_behind or self.seen_at < ends_at


@dataclass(frozen=True, slots=True)
class OpenDrawer:
    """A drawer nobody has counted yet, or whose difference nobody has approved."""

    drawer_id: int
    staff_id: int
    opened_at: int
    is_counted: bool


@dataclass(frozen=True, slots=True)
class DayPicture:
    """A business day as it stands now."""

    business_on: int
    begins_at: int
    ends_at: int
    payments: int
    charged_fen: int
    corrected_fen: int
    debit_fen: int
    credit_fen: int
    missing: tuple[Delivery, ...]
    drawers: tuple[OpenDrawer, ...]
    suspense_fen: int
    suspense_items: int
    quarantined: int
    unsettled: int
    """Merchants with totals of this day and no settlement."""
    accounts: dict[str, int] = field(default_factory=dict)


def require_closable(picture: DayPicture, now: int, missing: int) -> None:
    """Refuse a close that nobody should stand for. Raises ConflictError, naming why.

    `missing` is how many terminals the closing person was shown: another number now means that he
    decided on an older picture.
    """
    if now < picture.ends_at:
        raise ConflictError(
            "day_not_over", zh="这个营业日还没有结束。", en="This business day is not over."
        )
    if picture.debit_fen != picture.credit_fen:
        raise ConflictError(
            "does_not_balance",
            zh="试算不平衡，借贷不等，请先核对账目。",
            en="Debits and credits are not equal: verify the books first.",
            debit_fen=picture.debit_fen,
            credit_fen=picture.credit_fen,
        )
    if len(picture.missing) != missing:
        raise ConflictError(
            "picture_changed",
            zh="未上传终端的数量已变化，请重新查看后再日结。",
            en="The number of terminals that are missing has changed; look again.",
            missing=len(picture.missing),
        )
