"""What an export is called, and the rules of those that two people let out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.errors import ConflictError, ForbiddenError, NotFoundError
from backend.domain.sheet import EXPORT_ROWS_MAX, PERSONAL_ROWS_MAX

VALID_SECONDS: Final = 7 * 86_400
"""How long after it was asked for an export may be approved and downloaded."""


class Format(StrEnum):
    """Which file it is."""

    CSV = "csv"
    XLSX = "xlsx"


class Decision(StrEnum):
    """What the second person said."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ExportAsked:
    """A file of a list; `filters` is the list's own query as canonical JSON text."""

    request_key: str
    what: str
    format: Format
    filters: str
    rows: int
    reason: str


def unknown_export() -> NotFoundError:
    """The answer when there is no such export, or no such list."""
    return NotFoundError("unknown_export", zh="没有这个导出", en="There is no such export")


def too_many_rows() -> ConflictError:
    """The answer to whoever wants more than a file holds."""
    return ConflictError(
        "too_many_rows",
        zh=f"一次最多导出 {EXPORT_ROWS_MAX} 行，请加筛选条件",
        en=f"One export holds at most {EXPORT_ROWS_MAX} rows; narrow the filters",
        limit=EXPORT_ROWS_MAX,
    )


def needs_approval(rows: int) -> ForbiddenError:
    """The answer to whoever wants much personal data alone."""
    return ForbiddenError(
        "export_needs_approval",
        zh=f"个人信息超过 {PERSONAL_ROWS_MAX} 行，须由另一人批准后导出",
        en=f"More than {PERSONAL_ROWS_MAX} rows of personal data: a second person has to approve",
        rows=rows,
        limit=PERSONAL_ROWS_MAX,
    )


def export_over() -> ConflictError:
    """The answer when its time is over."""
    return ConflictError(
        "export_over",
        zh="这次导出申请已过期，请重新申请。",
        en="The request for this export is too old; ask again.",
        valid_seconds=VALID_SECONDS,
    )


def downloaded_already() -> ConflictError:
    """The answer to a second download."""
    return ConflictError(
        "downloaded_already",
        zh="这个文件已下载过一次，如需再次导出请重新申请。",
        en="This file was downloaded once; ask again if you need it.",
    )
