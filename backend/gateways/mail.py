"""E-mail over SMTP: one connection a letter, TLS always but on this machine itself."""

from __future__ import annotations

import logging
import ssl
from email.message import EmailMessage
from email.utils import formatdate

import aiosmtplib

from backend.domain.letter import (
    AddressRefusedError,
    CarrierAwayError,
    CarrierFaultError,
    Letter,
)
from backend.domain.letter_accounts import MailAccount
from backend.gateways.vault import VaultError, read_private
from backend.usecases.ports import Clock

log = logging.getLogger("xiaoma.mail")

SECONDS_MAX = 10.0
"""For each step of the talk with the server."""
LATER = range(400, 500)
NO_SUCH_ADDRESS = frozenset({550, 551, 553})


class MailGateway:
    """The school's mail server."""

    def __init__(self, account: MailAccount, clock: Clock) -> None:
        """Read the password. Raises VaultError: missing, empty, or open to other users."""
        self._account = account
        self._clock = clock
        self._password = None
        if account.password_file is not None:
            self._password = read_private(account.password_file).decode().strip()
            if not self._password:
                raise VaultError(f"the password file {account.password_file} is empty")
        try:
            self._tls = ssl.create_default_context(cafile=account.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise VaultError(f"{account.ca_file}: {error}") from error

    async def send(self, address: str, letter: Letter, key: str) -> None:
        """Send one letter; `key` makes its Message-ID, so that a repeat shows as one.

        Raises:
            AddressRefusedError: no such mailbox. CarrierAwayError: try again. CarrierFaultError:
                the server does not take our letters at all.

        """
        message = EmailMessage()
        message["From"] = self._account.sender
        message["To"] = address
        message["Subject"] = letter.title
        message["Date"] = formatdate(self._clock())
        message["Message-ID"] = f"<{key}@{self._account.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        # `from None`: what the server said may hold the address
        try:
            await self._send(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0].code) from None
        except aiosmtplib.SMTPResponseException as error:
            if error.code in LATER:
                raise CarrierAwayError(f"smtp_{error.code}") from None
            log.error("mail: the server answered %d", error.code)  # noqa: TRY400 - it may hold the address
            raise CarrierFaultError(f"smtp_{error.code}") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise CarrierAwayError(type(error).__name__) from None

    async def close(self) -> None:
        """Nothing stays open."""

    async def _send(self, message: EmailMessage) -> None:
        account = self._account
        start_tls = None if account.may_be_open else True
        async with aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            timeout=SECONDS_MAX,
            use_tls=account.is_tls_at_once,
            start_tls=False if account.is_tls_at_once else start_tls,
            tls_context=self._tls,
        ) as server:
            if self._password is not None:
                await server.login(account.login, self._password)
            await server.send_message(message)


def _refused(code: int) -> AddressRefusedError | CarrierAwayError | CarrierFaultError:
    if code in NO_SUCH_ADDRESS:
        return AddressRefusedError(f"smtp_{code}")
    if code in LATER:
        return CarrierAwayError(f"smtp_{code}", is_for_all=False)  # greylisted, or full
    return CarrierFaultError(f"smtp_{code}")
