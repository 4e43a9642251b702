"""What a school sets while it runs, with the history of every change; features switched."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.domain.errors import InvalidInputError
from backend.domain.feature import BY_PLACE, Feature
from backend.domain.place import ID_MAX
from backend.domain.setting import SETTINGS
from backend.tables.setting import SettingChangeRow, SwitchRow
from backend.tables.settings import read_settings
from backend.usecases.settings.change_setting import change_setting
from backend.usecases.settings.switch_feature import switch_feature

routes = Blueprint("admin_settings")

VALUE_MAX = 2**31 - 1


class SettingShape(Shape):
    """The new number, and why."""

    value: Annotated[int, Field(ge=0, le=VALUE_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class SwitchShape(Shape):
    """On, off, or null: as it is above. At a place (0: the school), for a group ("": all)."""

    feature: Annotated[str, Field(max_length=24)]
    place_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    group_id: Annotated[str, Field(max_length=16)] = ""
    is_on: bool | None
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class ChangesQuery(PageShape):
    """Changes of one setting, or of all ("")."""

    name: Annotated[str, Field(max_length=32)] = ""


class SettingTold(TypedDict):
    """A setting as it is now, what it does, its default and its bounds."""

    name: str
    value: int
    default: int
    lowest: int
    highest: int
    zh: str
    en: str


class SettingsTold(TypedDict):
    """Every setting there is."""

    settings: list[SettingTold]


class SettingChangeTold(TypedDict):
    """Who set what from what to what, when and why."""

    change_id: int
    name: str
    before: int
    after: int
    reason: str
    changed_by: str
    changed_at: At


class SettingChangesTold(TypedDict):
    """A page, newest first."""

    changes: list[SettingChangeTold]
    next: str | None


class SwitchTold(TypedDict):
    """A switch that somebody set; where there is none it is as above it, and on at the top."""

    feature: Feature
    place_id: int
    group_id: str
    is_on: bool
    changed_by: str
    changed_at: At


class FeatureTold(TypedDict):
    """A feature, and whether places and groups have switches of their own for it."""

    feature: Feature
    is_by_place: bool


class SwitchesTold(TypedDict):
    """Every feature, and every switch that was set."""

    features: list[FeatureTold]
    switches: list[SwitchTold]


@routes.get("/settings")
@for_staff("settings.read")
@described(SettingsTold)
async def list_settings(_request: Request) -> HTTPResponse:
    """What may be set, and how it is."""
    values = await read_settings()
    body: SettingsTold = {
        "settings": [
            {
                "name": name,
                "value": values[name],
                "default": one.default,
                "lowest": one.lowest,
                "highest": one.highest,
                "zh": one.zh,
                "en": one.en,
            }
            for name, one in SETTINGS.items()
        ]
    }
    return answer(body)


@routes.put("/settings/<name:str>")
@for_staff("settings.set")
@described(NothingTold, body=SettingShape)
async def change(request: Request, name: str) -> HTTPResponse:
    """It acts from the next use on."""
    shape = read_json(request, SettingShape)
    at = int(parts_of(request).clock())
    await change_setting(name, shape.value, shape.reason, actor=actor_of(request), at=at)
    return answer({})


@routes.get("/settings/changes")
@for_staff("settings.read")
@described(SettingChangesTold, query=ChangesQuery)
async def list_changes(request: Request) -> HTTPResponse:
    """What was changed, newest first."""
    return answer(await changes_page(request, read_query(request, ChangesQuery)))


async def changes_page(_request: Request, query: ChangesQuery) -> SettingChangesTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = SettingChangeRow.filter(name=query.name) if query.name else SettingChangeRow.all()
    if after:
        rows = rows.filter(id__lt=after[0])
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    body: SettingChangesTold = {
        "changes": [
            {
                "change_id": row.id,
                "name": row.name,
                "before": row.before,
                "after": row.after,
                "reason": row.reason,
                "changed_by": row.changed_by,
                "changed_at": row.changed_at,
            }
            for row in shown
        ],
        "next": following,
    }
    return body


@routes.get("/features")
@for_staff("settings.read")
@described(SwitchesTold)
async def list_features(_request: Request) -> HTTPResponse:
    """What can be switched, and what was."""
    rows = await SwitchRow.all().order_by("feature", "place_id", "group_id")
    body: SwitchesTold = {
        "features": [
            {"feature": feature, "is_by_place": feature in BY_PLACE} for feature in Feature
        ],
        "switches": [
            {
                "feature": Feature(row.feature),
                "place_id": row.place_id,
                "group_id": row.group_id,
                "is_on": row.is_on,
                "changed_by": row.changed_by,
                "changed_at": row.changed_at,
            }
            for row in rows
        ],
    }
    return answer(body)


@routes.put("/features")
@for_staff("settings.set")
@described(NothingTold, body=SwitchShape)
async def switch(request: Request) -> HTTPResponse:
    """Switch it; it acts with the next request."""
    parts, shape = parts_of(request), read_json(request, SwitchShape)
    if shape.feature not in set(Feature):
        raise InvalidInputError("feature", f"must be one of {', '.join(Feature)}")
    await switch_feature(
        Feature(shape.feature),
        (shape.place_id, shape.group_id),
        shape.reason,
        is_on=shape.is_on,
        rules=parts.rules.bundle,
        actor=actor_of(request),
        at=int(parts.clock()),
    )
    return answer({})
