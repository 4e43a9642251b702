"""A hall with kiosks: a group of terminals that may open visits, and what they ask the server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from backend.tables.accounts import open_payable
from backend.tables.merchant import MerchantRow
from backend.usecases.rules.publish_rules import publish_rules
from backend.usecases.terminals.make_enrolment import make_enrolment
from campus_code import GroupRules, issue_code, to_json
from tests.rig.campus import make_rules
from tests.rig.device import Device
from tests.rig.office import SYSTEM, Office, Student

HALL_GROUP = GroupRules("hall", "服务大厅", "Service hall", amount_fen_max=1, kind="hall")


@dataclass
class Kiosk:
    """A terminal of the hall over real HTTP."""

    office: Office
    device: Device

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> httpx.Response:
        """A signed request; a query is a part of `path`."""
        content = b"" if body is None else orjson.dumps(body)
        signed = self.device.headers(method, path, content)
        return await self.office.http.request(
            method, path, content=content, headers={**signed, **headers}
        )

    async def open(self, code: str) -> httpx.Response:
        """Show a code."""
        body = {"credential": code, "credential_kind": "code"}
        return await self.ask("POST", "/terminal/visits", body)

    async def visit(self, student: Student) -> str:
        """Open a visit with the code of this moment; where it is."""
        answer = await self.open(shown_by(student, self.office.at))
        assert answer.status_code == 201, answer.text
        return f"/terminal/visits/{answer.json()['visit_id']}"


def shown_by(student: Student, at: int) -> str:
    """What a phone shows."""
    return issue_code(student.secrets[0], at)


async def token_of(office: Office, group_id: str, name: str = "大厅") -> str:
    """The text with which one more terminal of a group enrols, after its address."""
    merchant, is_new = await MerchantRow.get_or_create(name=name)
    if is_new:
        await open_payable(merchant.id)
    made = await make_enrolment(
        name,
        merchant.id,
        group_id,
        rules=office.parts.rules.bundle,
        actor=SYSTEM,
        at=office.at,
        randomness=os.urandom,
    )
    return made.token


async def build_hall(office: Office, **changes: object) -> None:
    """Publish rules that have a hall; `changes` as for `make_rules`."""
    groups: dict[str, Any] = {**make_rules().groups, HALL_GROUP.id: HALL_GROUP}
    rules = to_json(make_rules(**{"version": 2, "groups": groups, **changes}))
    await publish_rules(rules, published_by="tests", at=office.at, bus=office.parts.bus)
    await office.parts.rules.refresh()


async def new_kiosk(office: Office, group_id: str = HALL_GROUP.id) -> Kiosk:
    """One more terminal, of the hall unless another group is named."""
    device = Device()
    text = f"xm1:x|{await token_of(office, group_id)}"
    assert (await device.enrol(office.http, text)).status_code == 201
    assert (await device.open_session(office.http, office.at)).status_code == 201
    return Kiosk(office, device)
