"""What terminals hold of cards and denials: read as plain tuples, for there are many."""

from __future__ import annotations

from typing import cast

from backend.domain.ending import ENDED_BY
from backend.domain.epoch import Span
from backend.tables import sql
from backend.tables.card import CardRow, DenialRow, DenylistConfirmationRow
from backend.tables.cardholder import CardholderRow
from backend.tables.school import EpochKeyRow
from campus_code import CardEntry, CardState, Denial
from campus_code.denylist import DENIED_COUNT_ALWAYS, DENIED_SHARE_MAX

ROWS_A_PAGE = 1000


async def cards_after(version: int) -> list[CardEntry]:
    """Every card that changed after a directory version; all of them after version 0.

    Read in pages, so that payments are answered between two of them. A card that changes
    meanwhile is read as it is by then and told again in the next delta.
    """
    entries: list[CardEntry] = []
    last = 0
    while True:
        rows = cast(
            "list[tuple[int, str, int, int, int, int]]",
            await CardRow.filter(changed_version__gt=version, id__gt=last)
            .order_by("id")
            .limit(ROWS_A_PAGE)
            .values_list("id", "number", "issue", "state", "offline_limit_fen", "holder_id"),
        )
        holder_ids = sorted({row[5] for row in rows})
        pairs = await CardholderRow.filter(id__in=holder_ids).values_list("id", "class_id")
        classes = dict(cast("list[tuple[int, int]]", pairs))
        entries += [
            CardEntry(number, issue, CardState(state), classes[holder_id], limit_fen)
            for _, number, issue, state, limit_fen, holder_id in rows
        ]
        if len(rows) < ROWS_A_PAGE:
            return entries
        last = rows[-1][0]


async def denials_between(since: int, version: int) -> list[Denial]:
    """The last word of `version` on every credential denied or lifted after version `since`.

    Since version 0 that is the whole list, without what was lifted again. Lines after `version`
    are left out before the last word is taken, or a denial that has just been made stricter
    would be in neither this list nor be told again by the next.
    """
    rows = cast(
        "list[tuple[int, str, int | None, int]]",
        await DenialRow.filter(version__gt=since, version__lte=version)
        .order_by("version")
        .values_list("version", "card_number", "issue", "state"),
    )
    last = {
        (number, issue): Denial(number, issue, CardState(state), line)
        for line, number, issue, state in rows
    }
    denials = list(last.values())
    if since == 0:
        return [denial for denial in denials if denial.state is not CardState.ACTIVE]
    return denials


async def confirmed_denylist(version: int) -> int:
    """The newest version up to this one that an office has confirmed, 0 for none."""
    rows = DenylistConfirmationRow.filter(version__lte=version).order_by("-version")
    row = await rows.first()
    return 0 if row is None else row.version


async def denied_most(confirmed: int, version: int) -> int:
    """How many cards the worst day denied, of the lines after a confirmed version.

    Those of a cohort whose end two people decided do not count: nobody denied them by accident.
    """
    inside = f"version>{int(confirmed)} AND version<={int(version)}"
    inside += f" AND made_by NOT LIKE '{ENDED_BY}:%'"
    statement = sql.select(
        "COUNT(DISTINCT card_number) AS cards",
        "denial",
        f"{inside} AND state<>{int(CardState.ACTIVE)}",
        " GROUP BY DATE(made_at) ORDER BY cards DESC LIMIT 1",
    )
    connection = DenialRow._meta.db  # noqa: SLF001 - the transaction's own connection
    rows = await connection.execute_query_dict(statement)
    return int(rows[0]["cards"]) if rows else 0


async def is_growth_meant(confirmed: int, version: int) -> bool:
    """Whether terminals may believe a denylist that names more cards than is usual.

    Closed cards stay denied for ever, so after some years a denylist names more cards than
    terminals would believe at once. What grew slowly is meant. What grew in a day is for them to
    doubt, that day and every later one, until an office has looked at it and confirmed it.
    """
    most, cards = await denied_most(confirmed, version), await CardRow.all().count()
    return most <= DENIED_COUNT_ALWAYS or most * 100 <= cards * DENIED_SHARE_MAX


async def lock_spans() -> list[Span]:
    """Every epoch's span, locked until the end of the transaction, the oldest first."""
    return [span_of(row) for row in await EpochKeyRow.all().select_for_update().order_by("epoch")]


def span_of(row: EpochKeyRow) -> Span:
    """The span of a row."""
    retired_at = None if row.retired_at is None else int(row.retired_at.timestamp())
    return Span(row.epoch, row.valid_from, row.valid_until, retired_at)
