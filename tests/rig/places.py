"""A school of two campuses, each with a canteen, a window, a merchant, a till and a payment."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor, Audience, Role
from backend.domain.card_request import CardAsked, RequestKind
from backend.domain.correction import CorrectionKind
from backend.domain.dispute import DisputeReason
from backend.domain.place import Place, PlaceKind
from backend.domain.risk import AlertKind
from backend.domain.shift import ToldShift
from backend.tables.cardholder import CardholderRow
from backend.tables.risk import AlertRow
from backend.tables.terminal import TerminalRow
from backend.usecases.card_requests.ask_card import ask_card
from backend.usecases.card_requests.set_quota import set_quota
from backend.usecases.disputes.open_dispute import open_dispute
from backend.usecases.drawers.close_drawer import Count, close_drawer
from backend.usecases.drawers.open_drawer import open_drawer
from backend.usecases.merchants.place_merchant import place_merchant
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from backend.usecases.places.make_place import make_place
from backend.usecases.terminals.record_shifts import record_shifts
from tests.rig.device import Device
from tests.rig.office import SYSTEM
from tests.rig.shop import Shop

CHARGED_FEN = 1250
DRAWER_STAFF_ID = 900_000
QUOTA_OFFICE = "学生处"
OPEN_SHIFT = ToldShift(1, 0, 1, 0, closed_at=None, stands_fen=0, counted_fen=None)


@dataclass(frozen=True)
class Campus:
    """One campus and what stands on it: all ids."""

    place_id: int
    canteen_id: int
    window_id: int
    merchant_id: int
    terminal_id: int
    payment_id: int
    request_id: int
    drawer_id: int
    alert_id: int
    till: Device
    holder_id: int
    card_id: int
    number: str
    card_request_id: int

    @property
    def cardholder_id(self) -> int:
        """Whoever is at home there, as lists call him."""
        return self.holder_id

    async def staff(self, shop: Shop, role: Role) -> dict[str, str]:
        """Somebody who works on this campus only; a cashier at its window."""
        if role is Role.CASHIER:
            return await shop.office.staff(role, merchant_id=self.merchant_id)
        return await shop.office.staff(role, place_id=self.place_id)


async def make_campus(shop: Shop, name: str) -> Campus:
    """Build one, with a payment that is contested and whose refund waits for a second person."""
    office = shop.office
    places: list[Place] = []
    for kind in PlaceKind:
        parent_id = places[-1].id if places else 0
        places.append(
            await make_place(kind, f"{name} {kind}", parent_id, actor=SYSTEM, at=office.at)
        )
    till = await shop.till(name)
    terminal = await TerminalRow.get(id=till.terminal_id)
    await place_merchant(terminal.merchant_id, places[-1].id, "开张", actor=SYSTEM, at=office.at)
    student = await shop.student()
    at_home = CardholderRow.filter(id=student.holder_id)
    await at_home.update(campus_id=places[0].id, is_adult=False)
    card_request_id = await ask_second_card(shop, student.holder_id)
    paid = await shop.pay(till, shop.code(student), CHARGED_FEN)
    asked = CorrectionAsked(
        f"waiting-{terminal.id}", paid["payment_id"], CorrectionKind.REFUND, 100, "菜品有误"
    )
    request_id = await ask_correction(asked, SYSTEM, office.at)
    holder = Actor(Audience.STUDENT, student.card_id, "")
    await open_dispute(paid["payment_id"], DisputeReason.NOT_ME, "", actor=holder, at=office.at)
    keeper = Actor(Audience.STAFF, DRAWER_STAFF_ID + terminal.id, "")
    await record_shifts(terminal.id, terminal.merchant_id, [OPEN_SHIFT], 0)
    drawer = await open_drawer(0, keeper, office.at, place_id=places[0].id)
    await close_drawer(shop.ledger, office.clock, Count(drawer.id, 100, "多一元"), keeper)
    alert = await AlertRow.create(
        kind=AlertKind.FORGED.value,
        topic=str(paid["payment_id"]),
        merchant_id=terminal.merchant_id,
        payment_id=paid["payment_id"],
        found_at=office.at,
    )
    campus, canteen, window = (place.id for place in places)
    return Campus(
        place_id=campus,
        canteen_id=canteen,
        window_id=window,
        merchant_id=terminal.merchant_id,
        terminal_id=terminal.id,
        payment_id=paid["payment_id"],
        request_id=request_id,
        drawer_id=drawer.id,
        alert_id=alert.id,
        till=till,
        holder_id=student.holder_id,
        card_id=student.card_id,
        number=student.number,
        card_request_id=card_request_id,
    )


async def ask_second_card(shop: Shop, holder_id: int) -> int:
    """A second card for somebody that waits for its second person; the id of the request."""
    office = shop.office
    await set_quota(QUOTA_OFFICE, 100, "开学", actor=SYSTEM, at=office.at)
    asked = CardAsked(
        f"second-{holder_id:06}", RequestKind.SECONDARY, QUOTA_OFFICE, "门禁", holder_id
    )
    rules = office.parts.rules.bundle
    row = await ask_card(asked, rules=rules, actor=SYSTEM, at=office.at)
    return int(row.id)
