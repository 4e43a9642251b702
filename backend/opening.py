"""What both roots open the same way: the log, the keys, the bus, the books."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
from contextlib import AsyncExitStack

from backend.config import Config
from backend.domain.message import Channel
from backend.gateways.bus import LocalBus, RedisBus
from backend.gateways.mail import MailGateway
from backend.gateways.sms import SmsGateway
from backend.gateways.vault import FileVault
from backend.gateways.wechat import NoWechat, WechatAccount, WechatGateway
from backend.gateways.wechat_pay import WechatPayGateway
from backend.gateways.wechat_pay_notice import Notices
from backend.gateways.wechat_pay_off import NoNotices, NoWechatPay
from backend.gateways.wechat_tokens import LocalTokens, RedisTokens
from backend.tables.ledger import Ledger
from backend.tables.store import make_store
from backend.usecases.ports import (
    Bus,
    Carrier,
    Clock,
    PayNotices,
    Randomness,
    Vault,
    Wechat,
    WechatPay,
)

log = logging.getLogger("xiaoma.opening")

EXIT_REFUSED = 2
"""Exit status when settings, keys or database do not allow a start."""
NOT_PLAIN = re.compile(r"[^A-Za-z0-9_:.\-]")
"""What a lane's name may not hold."""
NAME_CHARACTERS_MAX = 64
LOG_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def begin_log() -> None:
    """Log our own lines to standard error, of others only what is wrong."""
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    logging.captureWarnings(capture=True)
    logging.getLogger("xiaoma").setLevel(logging.INFO)


def open_vault(config: Config) -> Vault:
    """The server's keys; a demo makes them on its first start, production never does.

    Raises VaultError when they are missing in production, or open to other users.
    """
    if config.mode == "demo" and not config.key_file.exists():
        log.warning("demo: making a new key file %s", config.key_file)
        with contextlib.suppress(FileExistsError):  # server and worker may start together
            return FileVault.make(config.key_file)
    return FileVault(config.key_file)


async def open_bus(config: Config, stack: AsyncExitStack) -> Bus:
    """Redis when it is configured, else this process alone."""
    if not config.redis:
        local = LocalBus(config.mode)
        stack.push_async_callback(local.close)
        return local
    shared = RedisBus(config.redis)
    await shared.start()
    stack.push_async_callback(shared.close)
    return shared


def open_wechat(config: Config, clock: Clock) -> Wechat:
    """The mini-program's WeChat, its token shared through Redis when it is there.

    Raises VaultError when the account's secret is missing, or open to other users.
    """
    if config.wechat is None:
        return NoWechat()
    known = config.wechat
    account = WechatAccount(
        app_id=known.app_id,
        secret_file=known.secret_file,
        url=known.url,
        template_ids=known.template_ids,
        long_term=known.long_term,
    )
    tokens = RedisTokens(config.redis, known.app_id, clock) if config.redis else LocalTokens(clock)
    return WechatGateway(account, tokens, clock)


def open_carriers(config: Config, clock: Clock) -> dict[Channel, Carrier]:
    """The ways letters go. Raises VaultError when a secret is missing, or open to other users."""
    carriers: dict[Channel, Carrier] = {}
    if config.sms is not None:
        carriers[Channel.SMS] = SmsGateway(config.sms, clock)
    if config.mail is not None:
        carriers[Channel.MAIL] = MailGateway(config.mail, clock)
    return carriers


def open_wechat_pay(config: Config, clock: Clock, randomness: Randomness) -> WechatPay:
    """The school's merchant account. Raises VaultError: a key file is missing, open, or wrong."""
    if config.pay is None:
        return NoWechatPay()
    return WechatPayGateway(config.pay, clock=clock, randomness=randomness)


def open_pay_notices(config: Config, clock: Clock) -> PayNotices:
    """What reads WeChat Pay's notices. Raises VaultError, as `open_wechat_pay` does."""
    return NoNotices() if config.pay is None else Notices.read_keys(config.pay, clock)


async def open_ledger(config: Config, clock: Clock, stack: AsyncExitStack) -> Ledger:
    """Open a hand on the books for this process, in a lane that bears its name."""
    name = NOT_PLAIN.sub("-", f"{socket.gethostname()}:{os.getpid()}")[:NAME_CHARACTERS_MAX]
    ledger = Ledger(make_store(config.database), clock, name)
    await ledger.open()
    stack.push_async_callback(ledger.close)
    return ledger
