"""Every version of the rules: what each changed, and going back to one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.domain.errors import NotFoundError
from backend.domain.rules_difference import differences
from backend.tables.rollout import RolloutRow
from backend.tables.rollouts import version_in_force
from backend.tables.school import RulesRow
from backend.usecases.rules.roll_back_rules import roll_back_rules
from campus_code.limits import VERSION_MAX

routes = Blueprint("admin_rules_versions")

Standing = Literal["in_force", "trying", "rolled_back", "past"]


class RulesAgainstShape(Shape):
    """`against`: the version it is compared with; 0 for the one before it."""

    against: Annotated[int, Field(ge=0, le=VERSION_MAX)] = 0


class RulesRollBackShape(Shape):
    """Why an older version is to be in force again."""

    reason: str = Field(min_length=1, max_length=200)


class PublishedVersionTold(TypedDict):
    """A version. `standing`: in force, tried at a few terminals, taken back, or past."""

    version: int
    published_at: At
    published_by: str
    standing: Standing


class PublishedVersionsTold(TypedDict):
    """A page, newest first."""

    versions: list[PublishedVersionTold]
    next: str | None


class RulesDifferenceTold(TypedDict):
    """A path and what stood there; null: nothing did, or does."""

    path: str
    before: Any
    after: Any


class WholeRulesTold(TypedDict):
    """A version with what it says, and what differs from `against`."""

    version: int
    published_at: At
    published_by: str
    bundle: dict[str, Any]
    against: int
    differences: list[RulesDifferenceTold]


class NewRulesVersionTold(TypedDict):
    """The version that was written."""

    version: int


@routes.get("/rules/versions")
@for_staff("rules.review")
@described(PublishedVersionsTold, query=PageShape)
async def read_all(request: Request) -> HTTPResponse:
    """200: the versions, newest first."""
    return answer(await versions_page(request, read_query(request, PageShape)))


async def versions_page(_request: Request, query: PageShape) -> PublishedVersionsTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = RulesRow.all() if after is None else RulesRow.filter(version__lt=after[0])
    found = (
        await rows.only("version", "published_at", "published_by")
        .order_by("-version")
        .limit(query.limit + 1)
    )
    shown, following = turn(found, query.limit, lambda row: (row.version,))
    tried = {
        row.version: row.outcome
        for row in await RolloutRow.filter(version__in=[one.version for one in shown])
    }
    standing = await version_in_force()
    body: PublishedVersionsTold = {
        "versions": [
            {
                "version": row.version,
                "published_at": int(row.published_at.timestamp()),
                "published_by": row.published_by,
                "standing": _standing(row.version, standing, tried),
            }
            for row in shown
        ],
        "next": following,
    }
    return body


@routes.get("/rules/versions/<version:int>")
@for_staff("rules.review")
@described(WholeRulesTold, query=RulesAgainstShape)
async def read(request: Request, version: int) -> HTTPResponse:
    """200: what a version says, and how it differs from another."""
    query = read_query(request, RulesAgainstShape)
    row = await RulesRow.get_or_none(version=version)
    if row is None:
        raise NotFoundError("unknown_rules", zh="没有这一版规则。", en="No such version of rules.")
    against = query.against or version - 1
    other = await RulesRow.get_or_none(version=against)
    bundle = orjson.loads(row.body)
    body: WholeRulesTold = {
        "version": version,
        "published_at": int(row.published_at.timestamp()),
        "published_by": row.published_by,
        "bundle": bundle,
        "against": 0 if other is None else against,
        "differences": [] if other is None else told_differences(other.body, bundle),
    }
    return answer(body)


@routes.post("/rules/versions/<version:int>/rollbacks")
@for_staff("rules.publish")
@described(NewRulesVersionTold, body=RulesRollBackShape, status=201)
async def roll_back(request: Request, version: int) -> HTTPResponse:
    """201: what this version says is in force again, under a new number; a trial has ended."""
    parts = parts_of(request)
    shape = read_json(request, RulesRollBackShape)
    newest = await roll_back_rules(
        version, shape.reason, actor=actor_of(request), at=parts.clock(), bus=parts.bus
    )
    await parts.rules.refresh()
    body: NewRulesVersionTold = {"version": newest}
    return answer(body, 201)


def told_differences(before: str, bundle: Any) -> list[RulesDifferenceTold]:  # noqa: ANN401 - JSON
    """What differs from an older bundle's text."""
    return [
        {"path": one.path, "before": one.before, "after": one.after}
        for one in differences(orjson.loads(before), bundle)
    ]


def _standing(version: int, in_force: int, tried: dict[int, str]) -> Standing:
    if version == in_force:
        return "in_force"
    outcome = tried.get(version)
    if outcome == "":
        return "trying"
    return "rolled_back" if outcome == "rolled_back" else "past"
