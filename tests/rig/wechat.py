"""The WeChat simulator at work on a loopback port, and a server that knows it."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.domain.message import Template
from backend.gateways.wechat import WechatAccount
from simulators.wechat.app import Faults, build_app
from simulators.wechat.partner import (
    FREEZE_TEMPLATE,
    PAYMENT_TEMPLATE,
    TEMPLATE_SETTINGS,
    Partner,
)
from tests.rig.office import Hand, serving

APP_ID = "wx00000000000000te"
SECRET = "canary-secret-of-the-mini-program"
LOGIN = "/sns/jscode2session"
TOKEN = "/cgi-bin/stable_token"
SEND = "/cgi-bin/message/subscribe/send"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class SimulatedWechat:
    """What tests steer, and where it listens."""

    partner: Partner
    faults: Faults
    url: str
    secret_file: Path
    clock: Hand

    @property
    def account(self) -> WechatAccount:
        """What a gateway to it is built with."""
        templates = {Template.PAYMENT: PAYMENT_TEMPLATE, Template.FREEZE: FREEZE_TEMPLATE}
        return WechatAccount(APP_ID, self.secret_file, self.url, template_ids=templates)

    @property
    def settings(self) -> dict[str, str]:
        """The same as a server's environment."""
        return {
            "XIAOMA_WECHAT_APP_ID": APP_ID,
            "XIAOMA_WECHAT_SECRET_FILE": str(self.secret_file),
            "XIAOMA_WECHAT_URL": self.url,
            **TEMPLATE_SETTINGS,
        }


@asynccontextmanager
async def open_wechat(folder: Path, clock: Hand) -> AsyncIterator[SimulatedWechat]:
    """Serve a WeChat whose time is `clock`."""
    secret_file = folder / "wechat.secret"
    secret_file.write_text(SECRET + "\n", encoding="utf-8")
    secret_file.chmod(0o600)
    partner, faults = Partner(APP_ID, SECRET, clock, os.urandom), Faults()
    app = build_app(partner, f"wechat-{next(_numbers)}", faults)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serving(app, listener):
            yield SimulatedWechat(partner, faults, url, secret_file, clock)
