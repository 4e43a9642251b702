"""A mail server and an SMS provider at work on loopback ports."""

from __future__ import annotations

import asyncio
import email
import itertools
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.domain.letter_accounts import SmsAccount
from simulators.sms.app import Provider, build_app
from tests.rig.office import Hand, serving

LOGIN, PASSWORD = "notices", "canary-password-of-the-mail-server"
SENDER = "card@school.example"
SMS_KEY = b"canary-key-of-the-sms-provider"

_numbers = itertools.count(1)


@dataclass
class Mailbox:
    """What a mail server took on, and what it says instead: address → status line."""

    host: str
    port: int
    ca_file: Path
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: dict[str, str] = field(default_factory=dict)
    data: str = ""
    logins: list[bool] = field(default_factory=list)
    """For each login whether it came under TLS."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Refuse those that are planned to be refused."""
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the letter."""
        if self.data:
            return self.data
        content = cast("bytes", envelope.content)
        self.messages.append(email.message_from_bytes(content, policy=default))
        return "250 OK"


@asynccontextmanager
async def open_mailbox(
    folder: Path, *, has_tls: bool = True, wants_login: bool = True
) -> AsyncIterator[Mailbox]:
    """Serve SMTP; with TLS it takes nothing before STARTTLS."""
    certificate, key = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    mailbox = Mailbox("127.0.0.1", 0, certificate)

    def check(_server: SMTP, session: Session, _envelope: Envelope, _how: str, told: Any) -> Any:
        mailbox.logins.append(session.ssl is not None)
        is_right = isinstance(told, LoginPassword) and (told.login, told.password) == (
            LOGIN.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=is_right)

    def serve() -> SMTP:
        return SMTP(
            mailbox,
            hostname="mail.school.example",
            tls_context=context if has_tls else None,
            require_starttls=has_tls,
            authenticator=check,
            auth_required=wants_login and has_tls,
            auth_require_tls=has_tls,
        )

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that vouches for itself, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.school.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "mail.pem", folder / "mail.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


@dataclass(frozen=True)
class SimulatedSms:
    """What tests steer, and how it is reached."""

    provider: Provider
    account: SmsAccount


@asynccontextmanager
async def open_sms(folder: Path, clock: Hand) -> AsyncIterator[SimulatedSms]:
    """Serve an SMS provider whose time is `clock`."""
    key_file = folder / "sms.key"
    key_file.write_bytes(SMS_KEY)
    key_file.chmod(0o600)
    provider = Provider({"school": SMS_KEY}, clock)
    app = build_app(provider, f"sms-{next(_numbers)}")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/messages"
        async with serving(app, listener):
            yield SimulatedSms(provider, SmsAccount(url, "school", key_file))
