"""Looking at the meals on the school of one holder, outside any set: for a look, not a deed."""

from __future__ import annotations

from backend.domain.courtesy import COURTESY_REASON, GivenMeals
from backend.tables import sql
from backend.tables.limit_reads import STANDING, STANDS
from backend.tables.payment import PaymentRow


async def given_meals(holder_id: int) -> GivenMeals:
    """Every meal the school has given him that stands."""
    wanted = f"p.holder_id={int(holder_id)} AND p.reason='{COURTESY_REASON}'{STANDS}"
    columns = "p.business_on AS business_on, COUNT(*) AS meals"
    statement = sql.select(columns, STANDING, wanted, " GROUP BY p.business_on")
    connection = PaymentRow._meta.db  # noqa: SLF001 - the engine's own connection
    rows = await connection.execute_query_dict(statement)
    return GivenMeals({int(row["business_on"]): int(row["meals"]) for row in rows})
