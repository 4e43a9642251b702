"""Messages from end to end: who agreed, which way they went, what a refusal and a crash leave."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from backend.domain.access import Role
from backend.domain.letter import CODE_SECONDS, CODE_TRIES_MAX
from backend.domain.message import Channel, Delivery, Template
from backend.gateways.mail import MailGateway
from backend.gateways.sms import SmsGateway
from backend.tables.message import AddressRow, ConsentRow, OutboxRow
from backend.usecases.messages.send_messages import CLAIM_SECONDS, Sending, send_messages
from backend.usecases.ports import Carrier
from simulators.wechat.partner import FREEZE_TEMPLATE, TEMPLATE_SETTINGS
from tests.gateways.test_letters import account_of
from tests.rig.guardians import Guardian, bind_guardian, make_minor, new_guardian
from tests.rig.letters import SENDER, Mailbox, SimulatedSms, open_mailbox, open_sms
from tests.rig.messages import send_all, sending
from tests.rig.office import Hand, Office, Student, open_office
from tests.rig.wechat import SEND, SimulatedWechat, open_wechat

MAIL = "li@example.com"
PHONE = "13800000000"
WRONG = "000000"


@dataclass
class Post:
    """A school with a mini-program, e-mail and SMS."""

    office: Office
    wechat: SimulatedWechat
    box: Mailbox
    sms: SimulatedSms
    carriers: dict[Channel, Carrier]

    async def send(self) -> dict[Delivery, int]:
        """What the worker's job does."""
        return await send_all(self.office, self.carriers)

    async def student(self, openid: str) -> Student:
        """A minor whose phone was bound with a WeChat account."""
        holder = await self.office.holder()
        card = await self.office.card(holder.id)
        await make_minor(holder.id)
        login = self.wechat.partner.login_code(openid)
        body = {"code": await self.office.code(card.id), "wechat_code": login}
        told = (await self.office.http.post("/student/bindings", json=body)).json()
        return Student(
            holder.id, card.id, card.number, holder.number, holder.name, told["session"], ()
        )

    async def agree(self, who: Student | Guardian, openid: str, template: Template) -> None:
        """Say yes in WeChat's dialogue, and tell the server."""
        path = "/guardian" if isinstance(who, Guardian) else "/student"
        self.wechat.partner.accept(openid, TEMPLATE_SETTINGS[setting(template)])
        body = {"template": template.value, "accepted": True}
        answer = await self.office.http.post(
            f"{path}/subscriptions", json=body, headers=who.headers
        )
        assert answer.status_code == 201, answer.text

    async def keep(self, who: Student | Guardian, channel: str, address: str) -> None:
        """Leave an address and prove it with the code that comes."""
        path = "/guardian/addresses" if isinstance(who, Guardian) else "/student/addresses"
        body = {"channel": channel, "address": address, "language": "en"}
        answer = await self.office.http.post(path, json=body, headers=who.headers)
        assert answer.status_code == 201, answer.text
        assert answer.json()["is_confirmed"] is False
        assert (await self.send())[Delivery.SENT] == 1
        code = {"code": self.last_code(channel)}
        answer = await self.office.http.post(
            f"{path}/{channel}/confirmations", json=code, headers=who.headers
        )
        assert answer.json()["is_confirmed"] is True

    def last_code(self, channel: str) -> str:
        """The six digits of the newest letter."""
        text = (
            self.box.messages[-1].get_content()
            if channel == "mail"
            else self.sms.provider.messages[-1]["text"]
        )
        found = re.search(r"[0-9]{6}", text)
        assert found is not None
        return found[0]

    async def freeze(self, student: Student) -> None:
        """The holder's one tap."""
        body = {"parts": ["money"]}
        answer = await self.office.http.post("/student/freezes", json=body, headers=student.headers)
        assert answer.status_code == 201


def setting(template: Template) -> str:
    return f"XIAOMA_WECHAT_{template.name}_TEMPLATE"


@pytest_asyncio.fixture
async def post(migrated_url: str, tmp_path: Path) -> AsyncIterator[Post]:
    """Everything messages go through, at work."""
    hand = Hand()
    async with (
        open_wechat(tmp_path, hand) as wechat,
        open_mailbox(tmp_path) as box,
        open_sms(tmp_path, hand) as sms,
    ):
        account = account_of(box, tmp_path)
        settings = {
            "XIAOMA_MAIL_URL": f"smtp://{account.login}@{box.host}:{box.port}",
            "XIAOMA_MAIL_SENDER": SENDER,
            "XIAOMA_MAIL_PASSWORD_FILE": str(account.password_file),
            "XIAOMA_MAIL_CA_FILE": str(box.ca_file),
            "XIAOMA_SMS_URL": sms.account.url,
            "XIAOMA_SMS_KEY_ID": sms.account.key_id,
            "XIAOMA_SMS_KEY_FILE": str(sms.account.key_file),
        }
        texts = SmsGateway(sms.account, hand)
        carriers: dict[Channel, Carrier] = {
            Channel.MAIL: MailGateway(account, hand),
            Channel.SMS: texts,
        }
        known = wechat.settings | settings
        async with open_office(migrated_url, tmp_path, hand, **known) as office:
            yield Post(office, wechat, box, sms, carriers)
        await texts.close()


async def guardian_of(post: Post, student: Student, openid: str) -> Guardian:
    """A guardian whose WeChat account is really known."""
    headers = await post.office.staff(Role.CARD_OFFICE)
    made = await post.office.http.post(
        f"/staff/cardholders/{student.holder_id}/guardian-codes", headers=headers
    )
    return await bind_guardian(post.office, post.wechat, made.json()["code"], openid)


async def test_a_guardian_agrees_is_asked_and_told_by_name(post: Post) -> None:
    student = await post.student("oChild")
    mother = await guardian_of(post, student, "oMother")
    told = (await post.office.http.get("/guardian/subscriptions", headers=mother.headers)).json()
    assert told["ask_now"] == ["payment", "freeze", "top_up"]
    await post.agree(mother, "oMother", Template.FREEZE)
    told = (await post.office.http.get("/guardian/subscriptions", headers=mother.headers)).json()
    assert told["ask_now"] == ["payment", "top_up", "low"], "the scarcest first"
    await post.freeze(student)
    assert await post.send() == {Delivery.SENT: 1}
    (message,) = post.wechat.partner.messages
    assert message["touser"] == "oMother"
    assert message["data"]["thing1"]["value"] == "持卡人S0…·校园卡消费已冻结"


async def test_a_refusal_is_remembered_and_goes_by_mail(post: Post) -> None:
    student = await post.student("oMe")
    await post.agree(student, "oMe", Template.FREEZE)
    await post.keep(student, "mail", MAIL)
    post.wechat.partner.refuse("oMe", FREEZE_TEMPLATE)
    await post.freeze(student)
    assert await post.send() == {Delivery.WAITING: 1}
    assert await post.send() == {Delivery.SENT: 1}
    letter = post.box.messages[-1]
    assert (letter["To"], letter["Subject"]) == (MAIL, "[示范大学] Card")
    assert "The card is frozen" in letter.get_content()
    consent = await ConsentRow.get()
    assert (consent.messages_left, consent.refused_at) == (0, post.office.at)
    row = await OutboxRow.get(template="freeze")
    assert (row.channel, row.state) == ("mail", "sent")
    assert post.wechat.partner.calls[SEND] == 1
    await OutboxRow.create(
        topic="freeze:other", wechat_id=row.wechat_id, template="freeze", body=row.body,
        made_at=post.office.at, due_at=post.office.at, holder_id=student.holder_id,
    )  # fmt: skip
    await post.send()
    assert (await ConsentRow.get()).messages_left == 0, "nothing comes back after a no"
    await post.agree(student, "oMe", Template.FREEZE)
    consent = await ConsentRow.get()
    assert (consent.messages_left, consent.refused_at) == (1, 0)


async def test_an_address_hears_nothing_before_its_code_comes_back(post: Post) -> None:
    student = await post.student("oMe")
    headers = student.headers
    body = {"channel": "sms", "address": PHONE}
    http = post.office.http
    assert (await http.post("/student/addresses", json=body, headers=headers)).status_code == 201
    again = await http.post("/student/addresses", json=body, headers=headers)
    assert again.status_code == 429, "one code a minute"
    await post.freeze(student)
    assert await post.send() == {Delivery.SENT: 1}, "the code alone"
    path = "/student/addresses/sms/confirmations"
    code = post.last_code("sms")
    for _ in range(CODE_TRIES_MAX):
        wrong = {"code": WRONG if code != WRONG else "111111"}
        assert (await http.post(path, json=wrong, headers=headers)).status_code == 400
    over = await http.post(path, json={"code": code}, headers=headers)
    assert (over.status_code, over.json()["error"]) == (409, "code_over")
    post.office.clock.now += 60
    await http.post("/student/addresses", json=body, headers=headers)
    await post.send()
    post.office.clock.now += CODE_SECONDS
    late = await http.post(path, json={"code": post.last_code("sms")}, headers=headers)
    assert late.json()["error"] == "code_over"
    shown = (await http.get("/student/addresses", headers=headers)).json()
    assert shown["channels"] == ["sms", "mail"]
    (address,) = shown["addresses"]
    assert (address["shown"], address["is_confirmed"]) == ("+86****0000", False)
    row = await AddressRow.get()
    assert PHONE not in f"{row.sealed} {row.shown}"
    assert (await http.delete("/student/addresses/sms", headers=headers)).status_code == 200
    assert await AddressRow.all().count() == 0


async def test_nobody_sees_or_proves_anothers_address(post: Post) -> None:
    student, other = await post.student("oMe"), await post.student("oOther")
    mother = await new_guardian("oMother", post.office.at, student.holder_id)
    await post.keep(student, "mail", MAIL)
    http = post.office.http
    for path, who in (("/student", other), ("/guardian", mother)):
        told = await http.get(f"{path}/addresses", headers=who.headers)
        assert told.json()["addresses"] == []
        gone = await http.delete(f"{path}/addresses/mail", headers=who.headers)
        assert gone.status_code == 404


async def test_an_address_that_is_gone_is_tried_once(post: Post) -> None:
    student = await post.student("oMe")
    await post.keep(student, "mail", MAIL)
    post.box.recipients[MAIL] = "550 no such user"
    await post.freeze(student)
    assert await post.send() == {Delivery.REFUSED: 1}
    assert (await AddressRow.get()).failed_at == post.office.at
    shown = await post.office.http.get("/student/addresses", headers=student.headers)
    assert shown.json()["addresses"][0]["is_failing"] is True


async def test_a_message_under_way_does_not_go_to_a_new_address(post: Post) -> None:
    student = await post.student("oMe")
    await post.keep(student, "mail", MAIL)
    post.office.clock.now += 60
    await post.freeze(student)
    body = {"channel": "mail", "address": "stranger@example.com"}
    await post.office.http.post("/student/addresses", json=body, headers=student.headers)
    assert await post.send() == {Delivery.SENT: 1, Delivery.REFUSED: 1}, "the code alone"
    assert (await OutboxRow.get(template="freeze")).fault == "no_address"


async def test_dead_letters_are_seen_and_tried_again(post: Post) -> None:
    student = await post.student("oMe")
    await post.agree(student, "oMe", Template.FREEZE)
    await post.freeze(student)
    post.wechat.partner.templates = {}  # the school deleted its templates
    assert await post.send() == {Delivery.DROPPED: 1}
    consent = await ConsentRow.get()
    assert consent.messages_left == 1, "nothing was sent with it"
    headers = await post.office.staff(Role.ADMIN)
    http = post.office.http
    told = (await http.get("/admin/dead-letters", headers=headers)).json()
    (dead,) = told["dead_letters"]
    assert (told["count"], dead["fault"], dead["channel"]) == (1, "40037", "wechat")
    path = f"/admin/dead-letters/{dead['message_id']}/retries"
    await ConsentRow.all().update(messages_left=0)
    nobody = await http.post(path, headers=headers)
    assert nobody.json()["error"] == "nobody_agreed"
    await ConsentRow.all().update(messages_left=1)
    post.wechat.partner.templates = {FREEZE_TEMPLATE: ("thing1", "time2")}
    assert (await http.post(path, headers=headers)).json()["channel"] == "wechat"
    assert (await http.post(path, headers=headers)).json()["error"] == "not_dead"
    assert (await ConsentRow.get()).messages_left == 0
    assert await post.send() == {Delivery.SENT: 1}


async def test_two_workers_send_each_message_once(post: Post) -> None:
    for number in range(6):
        student = await post.student(f"o{number}")
        await post.agree(student, f"o{number}", Template.FREEZE)
        await post.freeze(student)
    ended = await asyncio.gather(*(post.send() for _ in range(3)))
    assert sum(one.get(Delivery.SENT, 0) for one in ended) == 6
    assert len(post.wechat.partner.messages) == 6


async def test_after_a_crash_a_no_is_the_yes_that_was_used_before(post: Post) -> None:
    student = await post.student("oMe")
    await post.agree(student, "oMe", Template.FREEZE)
    await post.keep(student, "mail", MAIL)
    await post.freeze(student)
    dying = Dying(post.office.parts.wechat)
    made = sending(post.office, post.carriers)
    fields = {name: getattr(made, name) for name in Sending.__slots__}
    task = asyncio.create_task(send_messages(Sending(**(fields | {"wechat": dying}))))
    await dying.sent.wait()
    task.cancel()  # after WeChat took it, before it was marked
    await asyncio.gather(task, return_exceptions=True)
    assert (await OutboxRow.get(template="freeze")).state == Delivery.WAITING
    assert await post.send() == {}
    post.office.clock.now += CLAIM_SECONDS
    assert await post.send() == {Delivery.SENT: 1}
    assert len(post.wechat.partner.messages) == 1
    assert len(post.box.messages) == 1, "the code alone: it was told by WeChat"


class Dying:
    """A WeChat that takes a message and whose answer is never read."""

    def __init__(self, real: object) -> None:
        self._real = real
        self.sent = asyncio.Event()

    async def send(self, *args: object) -> None:
        """Send, and never come back."""
        await self._real.send(*args)  # type: ignore[attr-defined]
        self.sent.set()
        await asyncio.Event().wait()


async def test_a_mail_server_that_is_away_holds_up_nobody_else(post: Post) -> None:
    one, two = await post.student("oOne"), await post.student("oTwo")
    await post.keep(one, "mail", MAIL)
    await post.agree(two, "oTwo", Template.FREEZE)
    post.box.data = "451 later"
    for student in (one, two):
        await post.freeze(student)
    assert await post.send() == {Delivery.WAITING: 1, Delivery.SENT: 1}
    post.box.data = ""
    post.office.clock.now += 60
    assert await post.send() == {Delivery.SENT: 1}
    row = await OutboxRow.get(template="freeze", channel="mail")
    assert (row.tries, row.fault) == (2, "")


async def test_a_long_term_template_holds_until_it_is_refused(
    migrated_url: str, tmp_path: Path
) -> None:
    hand = Hand()
    async with open_wechat(tmp_path, hand) as wechat:
        wechat.partner.long_term.add(FREEZE_TEMPLATE)
        known = wechat.settings | {"XIAOMA_WECHAT_LONG_TERM": "freeze"}
        async with open_office(migrated_url, tmp_path, hand, **known) as office:
            post = Post(office, wechat, None, None, {})  # type: ignore[arg-type]
            student = await post.student("oMe")
            path = "/student/subscriptions"
            told = (await office.http.get(path, headers=student.headers)).json()
            assert told["ask_now"] == ["freeze"], "not mixed with the others"
            await post.agree(student, "oMe", Template.FREEZE)
            for number in range(3):
                await OutboxRow.create(
                    topic=f"freeze:x{number}", wechat_id=(await ConsentRow.get()).wechat_id,
                    template="freeze", body={"state": "FROZEN", "at": "0"},
                    made_at=office.at, due_at=office.at,
                )  # fmt: skip
            assert await post.send() == {Delivery.SENT: 3}
            wechat.partner.refuse("oMe", FREEZE_TEMPLATE)
            await post.freeze(student)
            assert await post.send() == {Delivery.REFUSED: 1}
            office.clock.now += 86_400
            told = (await office.http.get(path, headers=student.headers)).json()
            freeze = next(one for one in told["templates"] if one["template"] == "freeze")
            assert (freeze["is_long_term"], freeze["is_agreed"]) == (True, False)
            assert told["ask_now"] == ["freeze"]
