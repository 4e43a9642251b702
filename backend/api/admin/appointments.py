"""Roles that staff hold beside their first one: in the school, at a place, for a merchant."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.domain.access import Appointment, Role
from backend.domain.errors import InvalidInputError
from backend.domain.place import ID_MAX
from backend.usecases.staff.appoint import appoint
from backend.usecases.staff.end_appointment import end_appointment

routes = Blueprint("admin_appointments")


class AppointmentShape(Shape):
    """One more role: at a place (0: the whole school), or a cashier's for a merchant; and why."""

    role: Annotated[str, Field(max_length=16)]
    place_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    merchant_id: Annotated[int, Field(ge=1, le=ID_MAX)] | None = None
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class EndShape(Shape):
    """Why a role is taken away."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class AppointedTold(TypedDict):
    """The appointment that was made."""

    appointment_id: int


@routes.post("/staff/<staff_id:int>/appointments")
@for_staff("staff.create")
@described(AppointedTold, body=AppointmentShape, status=201)
async def make(request: Request, staff_id: int) -> HTTPResponse:
    """201: it acts with the next request of this person. Nobody appoints himself."""
    shape = read_json(request, AppointmentShape)
    if shape.role not in set(Role):
        raise InvalidInputError("role", f"must be one of {', '.join(Role)}")
    appointment_id = await appoint(
        staff_id,
        Appointment(Role(shape.role), shape.place_id, shape.merchant_id),
        shape.reason,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    body: AppointedTold = {"appointment_id": appointment_id}
    return answer(body, 201)


@routes.post("/staff/<staff_id:int>/appointments/<appointment_id:int>/ends")
@for_staff("staff.create")
@described(NothingTold, body=EndShape, status=201)
async def end(request: Request, staff_id: int, appointment_id: int) -> HTTPResponse:
    """201: the role is gone with the next request of this person."""
    await end_appointment(
        staff_id,
        appointment_id,
        read_json(request, EndShape).reason,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    return answer({}, 201)
