"""Terminals of a served school: enrolled over HTTP, with a session."""

from __future__ import annotations

import httpx

from backend.domain.access import Role
from backend.tables.accounts import open_payable
from backend.tables.merchant import MerchantRow
from tests.rig.device import Device
from tests.rig.office import Office


async def token_of(office: Office, name: str = "一号窗口") -> str:
    """An enrolment token's text, made by an admin over HTTP."""
    merchant = await MerchantRow.get_or_none(name=name)
    if merchant is None:
        merchant = await MerchantRow.create(name=name)
        await open_payable(merchant.id)
    answer = await office.http.post(
        "/admin/terminals/enrolments",
        json={"name": name, "merchant_id": merchant.id, "group_id": "canteen"},
        headers=await office.staff(Role.ADMIN),
    )
    assert answer.status_code == 201, answer.text
    text: str = answer.json()["token"]
    return text


async def terminal(office: Office, name: str = "一号窗口") -> Device:
    """A new terminal of a merchant, with a session."""
    device = Device()
    answer = await device.enrol(office.http, await token_of(office, name))
    assert answer.status_code == 201, answer.text
    answer = await device.open_session(office.http, office.at)
    assert answer.status_code == 201, answer.text
    return device


def refused(answer: httpx.Response, status: int, word: str) -> None:
    """Assert an error answer."""
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == word
