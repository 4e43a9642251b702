"""Noting messages for those who agreed to get them; each by WeChat uses an acceptance up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.domain.guardian import shows
from backend.domain.message import (
    CONFIRM,
    SEEN_WITH,
    Channel,
    Delivery,
    Fact,
    Template,
    channel_for,
    freeze_facts,
)
from backend.tables.database import transaction
from backend.tables.message import ConsentRow, OutboxRow, ToldRow
from backend.tables.recipients import Recipient, recipients_of, stock_of, stocks_of
from backend.tables.retrying import retried
from backend.tables.versions import next_version
from campus_code.directory import CardState

NOTING = "messages"
"""The counter that whoever looks for something to tell waits for; its value means nothing."""

Stocks = Mapping[tuple[int, Template], ConsentRow]


async def lock_noting() -> None:
    """Let nobody else note what happened before this transaction has committed."""
    await next_version(NOTING)


async def note_facts(facts: Sequence[Fact], at: int) -> int:
    """Note each fact for everybody who sees enough and agreed; how many messages that made.

    In a transaction, that of the fact or a later one. Whoever was told a topic is not told again.
    """
    people = await recipients_of(fact.holder_id for fact in facts)
    accounts = {one.wechat_id for some in people.values() for one in some}
    templates = {fact.template for fact in facts}
    stocks = await stocks_of(accounts, templates, is_locked=True)
    topics = [fact.topic for fact in facts]
    told = set(
        await OutboxRow.filter(topic__in=topics).values_list("topic", "wechat_id") if topics else []
    )
    noted: list[OutboxRow] = []
    left = {key: row.messages_left for key, row in stocks.items()}
    for fact in facts:
        for person in people.get(fact.holder_id, []):
            if (fact.topic, person.wechat_id) in told or not _is_his_business(person, fact):
                continue
            channel = _use_up(stocks, person, fact)
            if channel:
                told.add((fact.topic, person.wechat_id))
                noted.append(_row(fact, person, channel, at))
    for row in noted:
        await row.save()
    for key, consent in stocks.items():
        if consent.messages_left != left[key]:
            await consent.save(update_fields=["messages_left"])
    return len(noted)


async def untold(topics: Sequence[str]) -> set[str]:
    """Which of these were not marked as told for ever."""
    if not topics:
        return set()
    known = await ToldRow.filter(topic__in=list(topics)).values_list("topic", flat=True)
    return set(topics) - set(known)


async def mark_told(topic: str, at: int) -> None:
    """Mark as told for ever, in the transaction that tells it."""
    await ToldRow.create(topic=topic, told_at=at)


async def forget_consent(wechat_id: int, template: Template, at: int) -> None:
    """WeChat said no: whatever we believed, there is nothing left to send with."""
    kept = ConsentRow.filter(wechat_id=wechat_id, template=template.value)
    await kept.update(messages_left=0, refused_at=at)


@retried
async def another_way(row: OutboxRow, fault: str, at: int) -> bool:
    """Let a message that will not arrive go by the next channel its owner agreed to."""
    if row.template == CONFIRM:
        return False
    ways = tuple(Channel)
    async with transaction():
        people = (await recipients_of([row.holder_id])).get(row.holder_id, [])
        person = next((one for one in people if one.guardian_id == row.guardian_id), None)
        if person is None:
            return False
        for channel in ways[ways.index(Channel(row.channel)) + 1 :]:
            if person.addresses.get(channel, at + 1) <= row.made_at:
                if row.channel == Channel.WECHAT:
                    await _give_back(row.wechat_id, Template(row.template))
                await OutboxRow.filter(id=row.id).update(
                    channel=channel.value, tries=0, due_at=at, fault=fault
                )
                return True
    return False


async def way_for(row: OutboxRow) -> Channel | None:
    """The first way that stands open for a message now, in a transaction; its acceptance is used.

    None: nobody wants it any more, or its guardian no longer sees enough.
    """
    template = Template(row.template)
    people = (await recipients_of([row.holder_id])).get(row.holder_id, [])
    fact = Fact(template, row.topic, row.holder_id, row.made_at)
    for person in people:
        if person.wechat_id == row.wechat_id and _is_his_business(person, fact):
            stocks = await stocks_of([person.wechat_id], [template], is_locked=True)
            channel = _use_up(stocks, person, fact)
            for consent in stocks.values():
                await consent.save(update_fields=["messages_left"])
            return channel
    return None


@retried
async def end_message(row: OutboxRow, delivery: Delivery, fault: str, at: int) -> Delivery:
    """Mark what became of a message; an acceptance nothing was sent with stands again."""
    async with transaction():
        if delivery is Delivery.DROPPED and row.channel == Channel.WECHAT:
            await _give_back(row.wechat_id, Template(row.template))
        await OutboxRow.filter(id=row.id).update(state=delivery, done_at=at, fault=fault)
    return delivery


async def note_freeze(holder_id: int, state: CardState, denylist_version: int, at: int) -> None:
    """Tell everybody who agreed, once, that a card is frozen or lost; under the card's lock."""
    topic = f"freeze:{denylist_version}"
    await note_facts([Fact(Template.FREEZE, topic, holder_id, at, freeze_facts(state, at))], at)


async def _give_back(wechat_id: int, template: Template) -> None:
    kept = await stocks_of([wechat_id], [template], is_locked=True)
    for row in kept.values():
        if not row.is_long_term and not row.refused_at:
            await ConsentRow.filter(id=row.id).update(messages_left=row.messages_left + 1)


def _is_his_business(person: Recipient, fact: Fact) -> bool:
    if fact.is_private and person.guardian_id:
        return False
    if fact.payer_id and person.guardian_id == fact.payer_id:
        return True
    return shows(person.sees, SEEN_WITH[fact.template])


def _use_up(stocks: Stocks, person: Recipient, fact: Fact) -> Channel | None:
    consent = stocks.get((person.wechat_id, fact.template))
    channel = channel_for(stock_of(consent), person.addresses, fact.happened_at)
    if channel is Channel.WECHAT and consent is not None and not consent.is_long_term:
        consent.messages_left -= 1
    return channel


def _row(fact: Fact, person: Recipient, channel: Channel, at: int) -> OutboxRow:
    words = dict(fact.words)
    if person.guardian_id:
        words["who"] = person.holder_name
    return OutboxRow(
        topic=fact.topic,
        wechat_id=person.wechat_id,
        template=fact.template.value,
        body=words,
        state=Delivery.WAITING,
        made_at=at,
        due_at=at,
        holder_id=person.holder_id,
        guardian_id=person.guardian_id,
        channel=channel.value,
    )
