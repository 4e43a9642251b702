"""Benefits by the batch: `POST /admin/benefits?dry_run=0|1`, body = CSV of numbers and amounts."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.admin.roster import RosterErrorTold, errors_told
from backend.api.described import described
from backend.api.list_files import ListFile, Named, file_of
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, Fen
from backend.api.watching import watched
from backend.domain.benefit import (
    REASON_LENGTH_MAX,
    TITLE_LENGTH_MAX,
    BenefitPlan,
    faulty_file,
    read_benefits,
    unknown_batch,
)
from backend.domain.errors import InvalidInputError
from backend.domain.sheet import Column, Kind
from backend.tables.benefit import BenefitBatchRow
from backend.tables.benefits import BatchProof, prove_batches, read_lines
from backend.usecases.benefits.ask_batch import BatchAsked, ask_batch
from backend.usecases.benefits.decide_batch import BatchDecision, decide_batch
from backend.usecases.benefits.look_at_batch import look_at_batch
from backend.usecases.staff.name_staff import name_staff

routes = Blueprint("admin_benefits")

ID_MAX = 2**53 - 1

StateWord = Literal["waiting", "rejected", "posting", "posted"]


class BenefitsAskedQuery(Shape):
    """What the batch is called and why; a dry run (the default) needs neither."""

    dry_run: Annotated[int, Field(ge=0, le=1)] = 1
    request_key: Annotated[str, Field(pattern=r"^([A-Za-z0-9\-]{8,64})?$")] = ""
    title: Annotated[str, Field(max_length=TITLE_LENGTH_MAX)] = ""
    reason: Annotated[str, Field(max_length=REASON_LENGTH_MAX)] = ""


class BenefitsQuery(PageShape):
    """Batches in a state (all: ""), newest first."""

    state: Literal["", "waiting", "approved", "rejected"] = ""


class BenefitLinesQuery(PageShape):
    """A page of a batch's lines, in the file's order."""

    batch_id: Annotated[int, Field(ge=1, le=ID_MAX)]


class BenefitClassTold(TypedDict):
    """How many of a class of card are given how much together."""

    class_id: int
    holders: int
    total_fen: Fen


class BenefitsLookedTold(TypedDict):
    """What a file would give. `errors` are the first thousand, `errors_found` counts them all.

    `batch_id` 0: nothing was kept.
    """

    batch_id: int
    encoding: str
    holders: int
    total_fen: Fen
    classes: list[BenefitClassTold]
    errors: list[RosterErrorTold]
    errors_found: int


class BenefitBatchTold(TypedDict):
    """A batch, how far it is, and its proof: the ledger holds what its posted lines say."""

    batch_id: int
    title: str
    reason: str
    state: StateWord
    holders: int
    total_fen: Fen
    posted: int
    posted_fen: Fen
    pending_fen: Fen
    booked_fen: Fen
    is_proven: bool
    made_by: str
    made_at: At
    decided_by: str
    decided_at: At
    posted_at: At | None
    is_own: bool


class BenefitBatchesTold(TypedDict):
    """A page of batches; `people` has the names behind `staff:3`."""

    batches: list[BenefitBatchTold]
    people: dict[str, str]
    next: str | None


class BenefitLineTold(TypedDict):
    """Whom, how much, and under which entry; `entry_id` 0: not yet."""

    line_id: int
    cardholder_id: int
    number: str
    name: str
    class_id: int
    amount_fen: Fen
    entry_id: int


class BenefitLinesTold(TypedDict):
    """A page of lines."""

    lines: list[BenefitLineTold]
    next: str | None


@routes.post("/benefits")
@for_staff("benefits.ask")
@described(BenefitsLookedTold, query=BenefitsAskedQuery, takes="text/csv")
async def upload(request: Request) -> HTTPResponse:
    """200: what the file gives; all or nothing of it waits for another person."""
    parts, query = parts_of(request), read_query(request, BenefitsAskedQuery)
    file = await asyncio.to_thread(read_benefits, request.body or b"")
    async with watched(request, len(file.lines)) as step:
        plan = await look_at_batch(file, step)
    if query.dry_run:
        return answer(_looked(plan, file.encoding, 0))
    title, reason = query.title.strip(), query.reason.strip()
    if not (title and reason and query.request_key):
        raise InvalidInputError("title", "a batch has a title, a reason and a request_key")
    if plan.errors_found:
        raise faulty_file(plan.errors_found)
    asked = BatchAsked(query.request_key, title, reason)
    row = await ask_batch(asked, plan, actor=actor_of(request), at=int(parts.clock()))
    return answer(_looked(plan, file.encoding, row.id))


@routes.get("/benefits")
@for_staff("benefits.read")
@described(BenefitBatchesTold, query=BenefitsQuery)
async def list_batches(request: Request) -> HTTPResponse:
    """Batches and how far each of them is."""
    return answer(await batches_page(request, read_query(request, BenefitsQuery)))


async def batches_page(request: Request, query: BenefitsQuery) -> BenefitBatchesTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = BenefitBatchRow.all()
    if query.state:
        rows = rows.filter(decision="" if query.state == "waiting" else query.state)
    if after:
        rows = rows.filter(id__lt=after[0])
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    proofs = await prove_batches([row.id for row in shown])
    label = actor_of(request).label
    return {
        "batches": [_batch(row, proofs[row.id], label) for row in shown],
        "people": await name_staff(one for row in shown for one in (row.made_by, row.decided_by)),
        "next": following,
    }


@routes.get("/benefit-lines")
@for_staff("benefits.read")
@described(BenefitLinesTold, query=BenefitLinesQuery)
async def list_lines(request: Request) -> HTTPResponse:
    """Whom a batch gives how much."""
    return answer(await lines_page(request, read_query(request, BenefitLinesQuery)))


async def lines_page(_request: Request, query: BenefitLinesQuery) -> BenefitLinesTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = await read_lines(query.batch_id, int(after[0]) if after else 0, query.limit + 1)
    shown, following = turn(rows, query.limit, lambda row: (row["id"],))
    return {
        "lines": [
            {
                "line_id": row["id"],
                "cardholder_id": row["holder_id"],
                "number": row["number"],
                "name": row["name"],
                "class_id": row["class_id"],
                "amount_fen": row["amount_fen"],
                "entry_id": row["entry_id"],
            }
            for row in shown
        ],
        "next": following,
    }


@routes.post("/benefits/<batch_id:int>/approvals")
@for_staff("benefits.approve")
@described(BenefitBatchTold, status=201)
async def approve(request: Request, batch_id: int) -> HTTPResponse:
    """201: the worker gives it out now."""
    return await _decide(request, batch_id, BatchDecision.APPROVED)


@routes.post("/benefits/<batch_id:int>/rejections")
@for_staff("benefits.approve")
@described(BenefitBatchTold, status=201)
async def reject(request: Request, batch_id: int) -> HTTPResponse:
    """201: nobody is given anything."""
    return await _decide(request, batch_id, BatchDecision.REJECTED)


async def _decide(request: Request, batch_id: int, decision: BatchDecision) -> HTTPResponse:
    if not 1 <= batch_id <= ID_MAX:
        raise unknown_batch()
    actor, at = actor_of(request), int(parts_of(request).clock())
    row = await decide_batch(batch_id, decision, actor=actor, at=at)
    return answer(_batch(row, (await prove_batches([row.id]))[row.id], actor.label), 201)


def _looked(plan: BenefitPlan, encoding: str, batch_id: int) -> BenefitsLookedTold:
    return {
        "batch_id": batch_id,
        "encoding": encoding,
        "holders": len(plan.given),
        "total_fen": plan.total_fen,
        "classes": [
            {"class_id": class_id, "holders": count, "total_fen": fen}
            for class_id, (count, fen) in sorted(plan.classes.items())
        ],
        "errors": errors_told(plan.errors),
        "errors_found": plan.errors_found,
    }


def _batch(row: BenefitBatchRow, proof: BatchProof, label: str) -> BenefitBatchTold:
    states: dict[str, StateWord] = {"": "waiting", "rejected": "rejected"}
    state = states.get(row.decision, "posted" if row.posted_at else "posting")
    return {
        "batch_id": row.id,
        "title": row.title,
        "reason": row.reason,
        "state": state,
        "holders": row.holders,
        "total_fen": row.total_fen,
        "posted": proof.posted,
        "posted_fen": proof.posted_fen,
        "pending_fen": proof.lines_fen - proof.posted_fen,
        "booked_fen": proof.booked_fen,
        "is_proven": proof.agrees
        and (proof.lines, proof.lines_fen) == (row.holders, row.total_fen),
        "made_by": row.made_by,
        "made_at": row.made_at,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
        "posted_at": row.posted_at or None,
        "is_own": row.made_by == label,
    }


file_of(
    routes,
    "/benefits/export",
    ListFile(
        Named("benefits", "补助批次", "Benefit batches", "benefits.read"),
        BenefitsQuery,
        batches_page,
        "batches",
        {
            "batch_id": Column("批次", "Batch", Kind.NUMBER),
            "title": Column("名称", "Title"),
            "state": Column("状态", "State"),
            "holders": Column("人数", "People", Kind.NUMBER),
            "total_fen": Column("总额", "Total", Kind.FEN),
            "posted": Column("已发人数", "Given", Kind.NUMBER),
            "posted_fen": Column("已发", "Given fen", Kind.FEN),
            "pending_fen": Column("未发", "Pending", Kind.FEN),
            "booked_fen": Column("账上", "In the books", Kind.FEN),
            "made_by": Column("申请人", "Asked by"),
            "made_at": Column("申请时间", "Asked", Kind.TIME),
            "decided_by": Column("审批人", "Decided by"),
            "decided_at": Column("审批时间", "Decided", Kind.TIME),
            "reason": Column("原因", "Reason"),
        },
    ),
)
file_of(
    routes,
    "/benefit-lines/export",
    ListFile(
        Named("benefit_lines", "补助名单", "Lines of a batch", "benefits.read"),
        BenefitLinesQuery,
        lines_page,
        "lines",
        {
            "number": Column("学工号", "Number"),
            "name": Column("姓名", "Name"),
            "class_id": Column("卡类", "Class", Kind.NUMBER),
            "amount_fen": Column("金额", "Amount", Kind.FEN),
            "entry_id": Column("分录", "Entry", Kind.NUMBER),
        },
        is_personal=True,
    ),
)
