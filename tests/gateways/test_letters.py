"""Letters over the true wire: SMTP with TLS and a login, and signed requests for SMS."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from backend.domain.letter import (
    AddressRefusedError,
    CarrierAwayError,
    CarrierFaultError,
    Letter,
)
from backend.domain.letter_accounts import MailAccount, SmsAccount
from backend.gateways.mail import MailGateway
from backend.gateways.sms import SmsGateway
from backend.gateways.vault import VaultError
from tests.rig.letters import (
    LOGIN,
    PASSWORD,
    SENDER,
    Mailbox,
    SimulatedSms,
    open_mailbox,
    open_sms,
)
from tests.rig.office import Hand

LETTER = Letter("【示范大学】消费提醒", "【示范大学】2026年1月1日 12:00在清真窗口消费12.05元。")
TO = "li@example.com"
PHONE = "+8613800000000"


def account_of(box: Mailbox, folder: Path, login: str = LOGIN) -> MailAccount:
    """What a gateway to it is built with."""
    password_file = folder / "mail.password"
    password_file.write_text(PASSWORD + "\n", encoding="utf-8")
    password_file.chmod(0o600)
    return MailAccount(
        host=box.host,
        port=box.port,
        is_tls_at_once=False,
        sender=SENDER,
        login=login,
        password_file=password_file if login else None,
        ca_file=box.ca_file,
    )


@pytest_asyncio.fixture
async def box(tmp_path: Path) -> AsyncIterator[Mailbox]:
    """A mail server that wants TLS and a login."""
    async with open_mailbox(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def sms(tmp_path: Path) -> AsyncIterator[SimulatedSms]:
    """An SMS provider."""
    async with open_sms(tmp_path, Hand()) as made:
        yield made


async def test_a_letter_arrives_as_it_was_written(box: Mailbox, tmp_path: Path) -> None:
    gateway = MailGateway(account_of(box, tmp_path), Hand())
    for _ in range(2):
        await gateway.send(TO, LETTER, "m-71")
    first, again = box.messages
    assert (first["Subject"], first.get_content().strip()) == (LETTER.title, LETTER.text)
    assert (first["From"], first["To"]) == (SENDER, TO)
    assert first["Message-ID"] == again["Message-ID"] == "<m-71@school.example>"
    assert first["Date"] == "Thu, 01 Jan 2026 04:00:00 -0000"
    assert box.logins == [True, True], "the password went under TLS alone"


async def test_nothing_is_sent_to_a_server_nobody_vouches_for(box: Mailbox, tmp_path: Path) -> None:
    unknown = dataclasses.replace(account_of(box, tmp_path), ca_file=None)
    with pytest.raises(CarrierAwayError):
        await MailGateway(unknown, Hand()).send(TO, LETTER, "m-1")
    assert (box.messages, box.logins) == ([], [])


async def test_a_password_is_not_said_in_the_open(tmp_path: Path) -> None:
    async with open_mailbox(tmp_path, has_tls=False) as open_box:
        gateway = MailGateway(account_of(open_box, tmp_path), Hand())
        with pytest.raises(CarrierAwayError):
            await gateway.send(TO, LETTER, "m-1")
        assert (open_box.messages, open_box.logins) == ([], [])
        without = MailGateway(account_of(open_box, tmp_path, login=""), Hand())
        await without.send(TO, LETTER, "m-1")
        assert len(open_box.messages) == 1, "on this machine, without a password, it may"
    far = MailAccount("mail.school.example", 25, is_tls_at_once=False, sender=SENDER)
    assert not far.may_be_open


async def test_what_a_server_says_decides_what_follows(box: Mailbox, tmp_path: Path) -> None:
    gateway = MailGateway(account_of(box, tmp_path), Hand())
    box.recipients = {"no@x.example": "550 no such user", "grey@x.example": "450 later"}
    with pytest.raises(AddressRefusedError) as gone:
        await gateway.send("no@x.example", LETTER, "m-1")
    assert "no@x.example" not in f"{gone.value!r} {gone.value.evidence}"
    with pytest.raises(CarrierAwayError) as grey:
        await gateway.send("grey@x.example", LETTER, "m-1")
    assert not grey.value.is_for_all
    for said, error in (("554 spam", CarrierFaultError), ("451 busy", CarrierAwayError)):
        box.data = said
        with pytest.raises(error):
            await gateway.send(TO, LETTER, "m-1")
    assert box.messages == []


async def test_a_server_that_is_not_there_is_away(box: Mailbox, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = dataclasses.replace(account_of(box, tmp_path), port=free.getsockname()[1])
        with pytest.raises(CarrierAwayError) as caught:
            await MailGateway(gone, Hand()).send(TO, LETTER, "m-1")
    assert caught.value.is_for_all


def test_secrets_are_files_nobody_else_reads(tmp_path: Path) -> None:
    key_file = tmp_path / "sms.key"
    key_file.write_bytes(b"short")
    key_file.chmod(0o600)
    with pytest.raises(VaultError):
        SmsGateway(SmsAccount("https://sms.example/x", "k", key_file), Hand())
    key_file.write_bytes(bytes(32))
    key_file.chmod(0o644)
    with pytest.raises(VaultError):
        SmsGateway(SmsAccount("https://sms.example/x", "k", key_file), Hand())
    with pytest.raises(VaultError):
        MailGateway(
            MailAccount("h", 25, is_tls_at_once=True, sender=SENDER, ca_file=tmp_path / "no.pem"),
            Hand(),
        )


async def test_an_sms_is_signed_and_sent_once_for_a_key(sms: SimulatedSms) -> None:
    gateway = SmsGateway(sms.account, sms.provider.clock)
    for key in ("m-1", "m-1", "m-2"):
        await gateway.send(PHONE, LETTER, key)
    assert [(one["key"], one["to"]) for one in sms.provider.messages] == [
        ("m-1", PHONE),
        ("m-2", PHONE),
    ]
    assert sms.provider.messages[0]["text"] == LETTER.text
    stranger = SmsGateway(dataclasses.replace(sms.account, key_id="other"), sms.provider.clock)
    late = SmsGateway(sms.account, Hand(sms.provider.clock() - 3600))
    for wrong in (stranger, late):
        with pytest.raises(CarrierFaultError):
            await wrong.send(PHONE, LETTER, "m-3")
    sms.account.key_file.write_bytes(bytes(32))
    forged = SmsGateway(sms.account, sms.provider.clock)
    with pytest.raises(CarrierFaultError):
        await forged.send(PHONE, LETTER, "m-3")
    assert len(sms.provider.messages) == 2
    for one in (gateway, stranger, late, forged):
        await one.close()


async def test_what_a_provider_says_decides_what_follows(sms: SimulatedSms) -> None:
    gateway = SmsGateway(sms.account, sms.provider.clock)
    sms.provider.gone.add(PHONE)
    with pytest.raises(AddressRefusedError):
        await gateway.send(PHONE, LETTER, "m-1")
    for status, error in (
        (503, CarrierAwayError),
        (429, CarrierAwayError),
        (302, CarrierFaultError),
        (400, CarrierFaultError),
    ):
        sms.provider.answers = [status]
        with pytest.raises(error):
            await gateway.send("+8613900000000", LETTER, "m-1")
    assert sms.provider.messages == []
    await gateway.close()
