"""The list of people: searched, narrowed, and taken out as a file.

What is searched for is personal, so it travels in bodies and stands in no address and no log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.exporting import EXPORT_MEDIA, Export, ExportQuery, Row, export_list, exported
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import CardStateWord
from backend.domain.access import Actor
from backend.domain.people_search import TEXT_LENGTH_MAX, Membership, PeopleWanted
from backend.domain.roster import DEPARTMENT_LENGTH_MAX
from backend.domain.sheet import Column, Kind
from backend.usecases.cardholders.count_cardholders import count_cardholders
from backend.usecases.cardholders.list_cardholders import list_cardholders
from backend.usecases.cardholders.search_cardholders import search_cardholders

routes = Blueprint("staff_people")

CLASS_ID_MAX = 255
ID_MAX = 2**63 - 1


class PeopleFilter(Shape):
    """What narrows the list: words (number, name, card number or a phone's last four), and more.

    Empty words, null and 0 do not narrow. `department` finds all that begins like it, `leaving_id`
    the cohort of a leaving, `card` whoever has a card in this state.
    """

    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)] = ""
    class_id: Annotated[int, Field(ge=0, le=CLASS_ID_MAX)] | None = None
    department: Annotated[str, Field(max_length=DEPARTMENT_LENGTH_MAX)] = ""
    membership: Literal["", "active", "inactive"] = ""
    card: Literal["", "none", "active", "frozen", "lost", "closed"] = ""
    leaving_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0

    def wanted(self, actor: Actor) -> PeopleWanted:
        """The same for the use cases, within somebody's reach."""
        return PeopleWanted(
            text=self.text,
            class_id=self.class_id,
            department=self.department,
            membership=Membership(self.membership) if self.membership else None,
            card=self.card,
            leaving_id=self.leaving_id,
            campus_ids=None if actor.reach.is_whole_school else actor.reach.place_ids,
        )


class PeopleQuery(PeopleFilter, PageShape):
    """A page of the list."""


class PeopleExportQuery(PeopleFilter, ExportQuery):
    """The list as a file."""


class PersonTold(TypedDict):
    """A person in a list: nothing of money, phones or doors. `card` is the newest card's state."""

    cardholder_id: int
    number: str
    name: str
    department: str
    class_id: int
    is_active: bool
    cards: int
    card: CardStateWord | Literal["none"]


class PeopleTold(TypedDict):
    """A page in the order of school numbers; `next` is what to send as `after`."""

    people: list[PersonTold]
    next: str | None


@routes.post("/cardholders/searches")
@for_staff("cardholders.read", scoped=True)
@described(PeopleTold, body=PeopleQuery)
async def search(request: Request) -> HTTPResponse:
    """200: a page of people; a search by words leaves a line in the trail, without the words."""
    query = read_json(request, PeopleQuery)
    actor = actor_of(request)
    after = read_cursor(query.after, str)
    rows = await search_cardholders(
        query.wanted(actor),
        str(after[0]) if after else "",
        query.limit + 1,
        actor=actor,
        at=int(parts_of(request).clock()),
    )
    shown, following = turn(rows, query.limit, lambda row: (row.number,))
    people: list[PersonTold] = [
        {
            "cardholder_id": row.id,
            "number": row.number,
            "name": row.name,
            "department": row.department,
            "class_id": row.class_id,
            "is_active": row.is_active,
            "cards": row.cards,
            "card": row.card,  # type: ignore[typeddict-item]  # the states' own words
        }
        for row in shown
    ]
    body: PeopleTold = {"people": people, "next": following}
    return answer(body)


async def _pages(query: PeopleExportQuery, request: Request) -> AsyncIterator[Sequence[Row]]:
    async for page in list_cardholders(query.wanted(actor_of(request))):
        yield [
            (
                row.number,
                row.name,
                row.department,
                row.class_id,
                "在校 active" if row.is_active else "离校 inactive",
                row.cards,
                row.card,
            )
            for row in page
        ]


async def _count(query: PeopleExportQuery, request: Request) -> int:
    return await count_cardholders(query.wanted(actor_of(request)))


PEOPLE = exported(
    Export(
        "cardholders",
        "持卡人",
        "Cardholders",
        "cardholders.read",
        PeopleExportQuery,
        (
            Column("学工号", "Number"),
            Column("姓名", "Name"),
            Column("部门", "Department"),
            Column("卡类", "Class", Kind.NUMBER),
            Column("在校状态", "Membership"),
            Column("卡数", "Cards", Kind.NUMBER),
            Column("最新卡状态", "Newest card"),
        ),
        _pages,
        _count,
    )
)


@routes.post("/cardholders/exports")
@for_staff("cardholders.read", scoped=True)
@described(None, body=PeopleExportQuery, media=EXPORT_MEDIA)
async def export_people(request: Request) -> HTTPResponse:
    """200: the list as a file; above 500 rows it is asked for by `/admin/exports`."""
    return await export_list(request, PEOPLE, read_json(request, PeopleExportQuery))
