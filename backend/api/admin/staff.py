"""Staff. The first admin is made by `scripts/create_admin.py`, not here."""

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
from backend.domain.login import LOGIN_LENGTH_MAX
from backend.domain.password import PASSWORD_LENGTH_MAX
from backend.domain.place import ID_MAX as PLACE_ID_MAX
from backend.usecases.staff.create_staff import StaffDraft, create_staff
from backend.usecases.staff.deactivate_staff import deactivate_staff
from backend.usecases.staff.list_staff import list_staff

NAME_LENGTH_MAX = 64

routes = Blueprint("admin_staff")


class StaffShape(Shape):
    """Somebody who is to work here; a cashier's merchant is named.

    The role is held at a place and below it, at 0 in the whole school.
    """

    login: Annotated[str, Field(min_length=1, max_length=LOGIN_LENGTH_MAX)]
    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX)]
    role: Annotated[str, Field(max_length=16)]
    password: Annotated[str, Field(max_length=PASSWORD_LENGTH_MAX)]
    merchant_id: int | None = None
    place_id: Annotated[int, Field(ge=0, le=PLACE_ID_MAX)] = 0


class HiredTold(TypedDict):
    """A new member of staff; the second factor's URI is shown this once."""

    staff_id: int
    otpauth_uri: str


class AppointmentTold(TypedDict):
    """A role beside the first one; `place_id` 0 and no merchant: the whole school."""

    appointment_id: int
    role: Role
    place_id: int
    merchant_id: int | None


class ColleagueTold(TypedDict):
    """Somebody who works here or did, with his first role and further ones."""

    staff_id: int
    login: str
    name: str
    role: str
    merchant_id: int | None
    place_id: int
    is_active: bool
    further: list[AppointmentTold]


class StaffTold(TypedDict):
    """Everybody who works here or did."""

    staff: list[ColleagueTold]


@routes.post("/staff")
@for_staff("staff.create")
@described(HiredTold, body=StaffShape, status=201)
async def add_staff(request: Request) -> HTTPResponse:
    """Create a member of staff; the second factor's URI is shown this once."""
    parts = parts_of(request)
    shape = read_json(request, StaffShape)
    if shape.role not in set(Role):
        raise InvalidInputError("role", f"must be one of {', '.join(Role)}")
    made = await create_staff(
        StaffDraft(
            login=shape.login,
            name=shape.name,
            role=Role(shape.role),
            password=shape.password,
            merchant_id=shape.merchant_id,
            place_id=shape.place_id,
        ),
        actor=actor_of(request),
        at=int(parts.clock()),
        randomness=parts.randomness,
        vault=parts.vault,
        school=parts.config.school,
    )
    body: HiredTold = {"staff_id": made.id, "otpauth_uri": made.otpauth_uri}
    return answer(body, 201)


@routes.get("/staff")
@for_staff("staff.read")
@described(StaffTold)
async def show_staff(_request: Request) -> HTTPResponse:
    """Everybody who works here or did."""
    staff: list[ColleagueTold] = [
        {
            "staff_id": one.id,
            "login": one.login,
            "name": one.name,
            "role": one.role,
            "merchant_id": one.merchant_id,
            "place_id": one.place_id,
            "is_active": one.is_active,
            "further": [_appointment(number, held) for number, held in one.further],
        }
        for one in await list_staff()
    ]
    body: StaffTold = {"staff": staff}
    return answer(body)


@routes.delete("/staff/<staff_id:int>")
@for_staff("staff.create")
@described(NothingTold)
async def remove_staff(request: Request, staff_id: int) -> HTTPResponse:
    """End somebody's access, sessions included, at once."""
    await deactivate_staff(staff_id, actor=actor_of(request), at=int(parts_of(request).clock()))
    return answer({})


def _appointment(appointment_id: int, held: Appointment) -> AppointmentTold:
    return {
        "appointment_id": appointment_id,
        "role": held.role,
        "place_id": held.place_id,
        "merchant_id": held.merchant_id,
    }
