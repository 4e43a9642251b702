"""Counting the meals on the school, for the few holders whose purses did not reach.

They are counted from the payments themselves, under the locks of the set: what was undone or voided
counts no more, and of two taps at once the second sees the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.domain.courtesy import COURTESY_REASON, GivenMeals, first_day
from backend.domain.payment import Attempt, AttemptKind
from backend.domain.set_state import SetState
from backend.tables import sql
from backend.tables.limit_reads import STANDING, STANDS
from backend.tables.payment import PaymentRow
from backend.tables.store import Rows
from campus_code import RulesBundle


def reads_of_courtesy(
    holder_ids: Iterable[int], attempts: Sequence[Attempt], rules: RulesBundle
) -> tuple[str]:
    """The one SELECT of these holders' meals since the first day that any tap of the set counts."""
    first_on = min(first_day(one.at, rules) for one in attempts if one.kind is AttemptKind.ONLINE)
    return (_meals_since(first_on, holder_ids),)


async def meals_given(holder_id: int, at: int, rules: RulesBundle) -> GivenMeals:
    """One holder's meals that count at Unix second `at`: for a look, outside any set."""
    connection = PaymentRow._meta.db  # noqa: SLF001 - the engine's own connection
    rows = await connection.execute_query_dict(_meals_since(first_day(at, rules), [holder_id]))
    given = GivenMeals()
    for row in rows:
        given.count(int(row["business_on"]), int(row["times"]))
    return given


def _meals_since(first_on: int, holder_ids: Iterable[int]) -> str:
    theirs = (
        f"p.holder_id IN ({sql.numbers(sorted(holder_ids))}) AND p.business_on>={first_on}"
        f" AND p.reason='{COURTESY_REASON}'{STANDS}"
    )
    grouped = "p.holder_id,p.business_on"
    return sql.select(f"{grouped},COUNT(*) AS times", STANDING, theirs, f" GROUP BY {grouped}")


def take_courtesy(state: SetState, holder_ids: Iterable[int], rows: Rows) -> None:
    """Give these holders of a set their meals; who is not in the rows has had none."""
    for holder_id in holder_ids:
        state.holders[holder_id].given = GivenMeals()
    for holder_id, business_on, times in rows:
        given = state.holders[holder_id].given
        if given is not None:
            given.count(int(business_on), int(times))
