"""Who may be told about a holder: the holder's own phone, his guardians, and their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from backend.domain.access import Actor, Audience
from backend.domain.errors import UnauthenticatedError
from backend.domain.guardian import Sees, what_is_seen
from backend.domain.message import Channel, Stock, Template
from backend.tables.card import CardRow, PhoneRow
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import GuardianRow, GuardianshipRow
from backend.tables.message import AddressRow, ConsentRow


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person who may be told about a holder; `guardian_id` is 0 for the holder himself.

    `wechat_id` is 0 without an account. `addresses`: channel → since when it is agreed to.
    """

    holder_id: int
    holder_name: str
    guardian_id: int
    wechat_id: int
    sees: Sees
    addresses: Mapping[Channel, int] = field(default_factory=dict)


async def recipients_of(holder_ids: Iterable[int]) -> dict[int, list[Recipient]]:
    """Everybody who may be told about these holders, the holder first; six statements for all."""
    wanted = sorted(set(holder_ids))
    if not wanted:
        return {}
    accounts = await _own_accounts(wanted)
    ties = await GuardianshipRow.filter(holder_id__in=wanted, ended_at=None).order_by("id")
    guardian_ids = {tie.guardian_id for tie in ties}
    guardians = await GuardianRow.filter(id__in=list(guardian_ids)) if guardian_ids else []
    wechat_of = {row.id: int(row.wechat_id) for row in guardians}
    own, theirs = await _addresses(wanted, guardian_ids)
    found: dict[int, list[Recipient]] = {}
    for holder in await CardholderRow.filter(id__in=wanted):
        people = [
            Recipient(holder.id, holder.name, 0, account, Sees.ALL, own.get(holder.id, {}))
            for account in accounts.get(holder.id, [0])
        ]
        found[holder.id] = people + [
            Recipient(
                holder_id=holder.id,
                holder_name=holder.name,
                guardian_id=tie.guardian_id,
                wechat_id=wechat_of[tie.guardian_id],
                sees=what_is_seen(tie.sees, is_adult=holder.is_adult),
                addresses=theirs.get(tie.guardian_id, {}),
            )
            for tie in ties
            if tie.holder_id == holder.id
        ]
    return found


async def stocks_of(
    wechat_ids: Iterable[int], templates: Iterable[Template], *, is_locked: bool = False
) -> dict[tuple[int, Template], ConsentRow]:
    """What accounts agreed to; locked for who is about to use some of it up.

    Locked by their ids: a lock on what is not there yet would stop who agrees for the first time.
    """
    accounts = sorted({one for one in wechat_ids if one})
    rows = ConsentRow.filter(wechat_id__in=accounts, template__in=sorted(set(templates)))
    if not accounts:
        return {}
    if is_locked:
        ids = await rows.order_by("id").values_list("id", flat=True)
        if not ids:
            return {}
        rows = ConsentRow.select_for_update().filter(id__in=list(ids))
    return {(row.wechat_id, Template(row.template)): row for row in await rows.order_by("id")}


def stock_of(row: ConsentRow | None) -> Stock:
    """The domain value of a row; nothing was agreed to without one."""
    if row is None:
        return Stock()
    return Stock(row.messages_left, bool(row.is_long_term), row.agreed_at, row.refused_at)


async def _own_accounts(holder_ids: Sequence[int]) -> dict[int, list[int]]:
    holder_of = {
        card.id: int(card.holder_id)
        for card in await CardRow.filter(holder_id__in=list(holder_ids)).only("id", "holder_id")
    }
    accounts: dict[int, list[int]] = {}
    phones = PhoneRow.filter(card_id__in=list(holder_of), unbound_at=None)
    for phone in await phones.order_by("id"):
        known = accounts.setdefault(holder_of[phone.card_id], [])
        if phone.wechat_id is not None and phone.wechat_id not in known:
            known.append(phone.wechat_id)
    return {holder_id: known or [0] for holder_id, known in accounts.items()}


Addresses = dict[int, dict[Channel, int]]


async def _addresses(
    holder_ids: Sequence[int], guardian_ids: Iterable[int]
) -> tuple[Addresses, Addresses]:
    own: Addresses = {}
    theirs: Addresses = {}
    agreed = AddressRow.filter(agreed_at__gt=0, failed_at=0)
    for row in await agreed.filter(holder_id__in=list(holder_ids)):
        own.setdefault(row.holder_id, {})[Channel(row.channel)] = row.agreed_at
    named = list(guardian_ids)
    for row in await agreed.filter(guardian_id__in=named) if named else []:
        theirs.setdefault(row.guardian_id, {})[Channel(row.channel)] = row.agreed_at
    return own, theirs


async def account_of(actor: Actor) -> int:
    """The WeChat account by which somebody is asking, 0 for a phone that was bound without one.

    UnauthenticatedError when the phone was unbound in this moment.
    """
    if actor.audience is Audience.GUARDIAN:
        guardian = await GuardianRow.get(id=actor.id)
        return int(guardian.wechat_id)
    phone = await PhoneRow.get_or_none(id=actor.phone_id, unbound_at=None)
    if phone is None:
        raise UnauthenticatedError("no_session", zh="请先登录。", en="Please log in first.")
    return int(phone.wechat_id or 0)
