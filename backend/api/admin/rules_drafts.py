"""Drafts of rules: written, compared, published."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import orjson
from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.admin.rules_versions import RulesDifferenceTold, told_differences
from backend.api.described import NothingTold, described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.domain.errors import InvalidInputError, NotFoundError
from backend.domain.rollout import CANARY_TERMINALS_MAX
from backend.domain.rules_text import read_bundle
from backend.domain.terminal import TERMINAL_ID_MAX
from backend.tables.rollout import RulesDraftRow
from backend.tables.rollouts import rules_in_force
from backend.usecases.rules.begin_draft import begin_draft
from backend.usecases.rules.discard_draft import discard_draft
from backend.usecases.rules.publish_draft import Publication, publish_draft
from backend.usecases.rules.save_draft import DraftChange, save_draft
from campus_code.documents import RULES_BYTES_MAX
from campus_code.limits import VERSION_MAX

routes = Blueprint("admin_rules_drafts")

REVISION_MAX = 2**31 - 1

Revision = Annotated[int, Field(ge=1, le=REVISION_MAX)]
Title = Annotated[str, Field(min_length=1, max_length=64)]
Reason = Annotated[str, Field(min_length=1, max_length=200)]
TerminalId = Annotated[int, Field(ge=1, le=TERMINAL_ID_MAX)]


class DraftBeginShape(Shape):
    """What the draft is called, and the version it begins from."""

    title: Title
    version: int = Field(ge=1, le=VERSION_MAX)


class DraftSaveShape(Shape):
    """The draft as it is to be, by whoever saw `revision`; it may be wrong still."""

    bytes_max: ClassVar[int] = 2 * RULES_BYTES_MAX

    revision: Revision
    title: Title
    bundle: dict[str, Any]


class DraftDiscardShape(Shape):
    """Why it is given up."""

    reason: Reason


class DraftPublishShape(Shape):
    """What was seen last, which terminals try it first (none: all at once), and why."""

    revision: Revision
    terminal_ids: Annotated[list[TerminalId], Field(max_length=CANARY_TERMINALS_MAX)]
    reason: Reason


class DraftsShape(PageShape):
    """`standing`: drafts that are open, or those that have ended."""

    standing: Literal["open", "ended"] = "open"


class RulesFaultTold(TypedDict):
    """The first path that is wrong, and why."""

    field: str
    why: str


class RulesDraftTold(TypedDict):
    """A draft. `published_version` 0: it was not; `ended_at` null: it is open."""

    draft_id: int
    title: str
    base_version: int
    revision: int
    made_by: str
    made_at: At
    changed_by: str
    changed_at: At
    published_version: int
    ended_at: At | None


class RulesDraftsTold(TypedDict):
    """A page, newest first."""

    drafts: list[RulesDraftTold]
    next: str | None


class WholeRulesDraftTold(RulesDraftTold):
    """With what it says, what is wrong with it, and how it differs from what is in force."""

    bundle: dict[str, Any]
    fault: RulesFaultTold | None
    against: int
    differences: list[RulesDifferenceTold]


class DraftPublishedTold(TypedDict):
    """Its version, and the roll-out that began; 0: it is in force everywhere."""

    version: int
    rollout_id: int


@routes.get("/rules/drafts")
@for_staff("rules.review")
@described(RulesDraftsTold, query=DraftsShape)
async def read_all(request: Request) -> HTTPResponse:
    """200: drafts, newest first."""
    query = read_query(request, DraftsShape)
    after = read_cursor(query.after, int)
    is_open = query.standing == "open"
    rows = RulesDraftRow.filter(ended_at=0) if is_open else RulesDraftRow.filter(ended_at__gt=0)
    if after is not None:
        rows = rows.filter(id__lt=after[0])
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    body: RulesDraftsTold = {"drafts": [_told(row) for row in shown], "next": following}
    return answer(body)


@routes.post("/rules/drafts")
@for_staff("rules.publish")
@described(WholeRulesDraftTold, body=DraftBeginShape, status=201)
async def begin(request: Request) -> HTTPResponse:
    """201: a draft that is for now what the version says."""
    shape = read_json(request, DraftBeginShape)
    at = int(parts_of(request).clock())
    row = await begin_draft(shape.title, shape.version, actor=actor_of(request), at=at)
    return answer(await _whole(row), 201)


@routes.get("/rules/drafts/<draft_id:int>")
@for_staff("rules.review")
@described(WholeRulesDraftTold)
async def read(_request: Request, draft_id: int) -> HTTPResponse:
    """200: the draft, what is wrong with it, and how it differs from what is in force."""
    row = await RulesDraftRow.get_or_none(id=draft_id)
    if row is None:
        raise NotFoundError("unknown_draft", zh="没有这份草稿。", en="There is no such draft.")
    return answer(await _whole(row))


@routes.put("/rules/drafts/<draft_id:int>")
@for_staff("rules.publish")
@described(WholeRulesDraftTold, body=DraftSaveShape)
async def save(request: Request, draft_id: int) -> HTTPResponse:
    """200: it is kept, whether it is right or not."""
    shape = read_json(request, DraftSaveShape)
    body = orjson.dumps(shape.bundle, option=orjson.OPT_SORT_KEYS)
    if len(body) > RULES_BYTES_MAX:
        raise InvalidInputError("bundle", f"is longer than {RULES_BYTES_MAX} bytes")
    change = DraftChange(shape.revision, shape.title, body.decode())
    at = int(parts_of(request).clock())
    row = await save_draft(draft_id, change, actor=actor_of(request), at=at)
    return answer(await _whole(row))


@routes.post("/rules/drafts/<draft_id:int>/discards")
@for_staff("rules.publish")
@described(NothingTold, body=DraftDiscardShape)
async def discard(request: Request, draft_id: int) -> HTTPResponse:
    """200: it has ended unpublished."""
    shape = read_json(request, DraftDiscardShape)
    at = int(parts_of(request).clock())
    await discard_draft(draft_id, shape.reason, actor=actor_of(request), at=at)
    body: NothingTold = {}
    return answer(body)


@routes.post("/rules/drafts/<draft_id:int>/publications")
@for_staff("rules.publish")
@described(DraftPublishedTold, body=DraftPublishShape, status=201)
async def publish(request: Request, draft_id: int) -> HTTPResponse:
    """201: in force everywhere, or at the chosen terminals first."""
    parts = parts_of(request)
    shape = read_json(request, DraftPublishShape)
    wanted = Publication(draft_id, shape.revision, shape.terminal_ids, shape.reason)
    made = await publish_draft(wanted, actor=actor_of(request), at=parts.clock(), bus=parts.bus)
    await parts.rules.refresh()
    body: DraftPublishedTold = {"version": made.version, "rollout_id": made.rollout_id}
    return answer(body, 201)


def _told(row: RulesDraftRow) -> RulesDraftTold:
    return {
        "draft_id": row.id,
        "title": row.title,
        "base_version": row.base_version,
        "revision": row.revision,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "changed_by": row.changed_by,
        "changed_at": row.changed_at,
        "published_version": row.published_version,
        "ended_at": row.ended_at or None,
    }


async def _whole(row: RulesDraftRow) -> WholeRulesDraftTold:
    bundle, standing = orjson.loads(row.body), await rules_in_force()
    return {
        **_told(row),
        "bundle": bundle,
        "fault": _fault(row.body),
        "against": 0 if standing is None else standing.version,
        "differences": [] if standing is None else told_differences(standing.body, bundle),
    }


def _fault(body: str) -> RulesFaultTold | None:
    try:
        read_bundle(body.encode())
    except InvalidInputError as error:
        return {"field": str(error.evidence["field"]), "why": str(error.evidence["why"])}
    return None
