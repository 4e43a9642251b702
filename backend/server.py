"""`python -m backend.server`: the composition root of the server.

One process when XIAOMA_WORKERS is 1; else a supervisor of that many, each a single-process Sanic
on the same SO_REUSEPORT port (`backend.supervisor` says why).
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from backend.api.app import App, build_app
from backend.api.limits import Limits
from backend.api.open.office import build_office
from backend.api.open.preview import build_preview
from backend.api.parts import Parts
from backend.config import Config, ConfigError
from backend.gateways.bus import BusError
from backend.gateways.counters import RedisCounter
from backend.gateways.vault import FileVault, VaultError
from backend.opening import (
    EXIT_REFUSED,
    begin_log,
    open_bus,
    open_ledger,
    open_pay_notices,
    open_vault,
    open_wechat,
    open_wechat_pay,
)
from backend.supervisor import leave_with_parent, supervise
from backend.tables.database import close_tables, open_tables
from backend.tables.state import UnmigratedError, require_migrated
from backend.usecases.document_shelf import DocumentShelf
from backend.usecases.event_hub import EventHub
from backend.usecases.key_board import KeyBoard
from backend.usecases.live_board import LiveBoard
from backend.usecases.payments.payment_queue import PaymentQueue
from backend.usecases.payments.post_payments import post_payments
from backend.usecases.ports import Clock, Randomness
from backend.usecases.rules_board import RulesBoard
from backend.usecases.terminal_sessions import TerminalSessions
from backend.usecases.upload_pace import UploadPace

log = logging.getLogger("xiaoma.server")

WORKER_FLAG = "--worker"
BACKLOG = 1024
GARBAGE_AFTER = 50_000
"""Objects made and not yet gone before Python looks for cycles among them; its own 700 are fewer
than one set of payments holds, so it looked through every set several times in vain."""


class PortInUseError(Exception):
    """Somebody else listens where we should."""


@asynccontextmanager
async def open_parts(
    config: Config, clock: Clock = time.time, randomness: Randomness = os.urandom
) -> AsyncIterator[Parts]:
    """Open everything a server process needs, and close it in the opposite order."""
    async with AsyncExitStack() as stack:
        vault = FileVault(config.key_file, randomness)
        await open_tables(config.database)
        stack.push_async_callback(close_tables)
        bus = await open_bus(config, stack)
        shared = None
        if config.redis:
            shared = RedisCounter(config.redis)
            stack.push_async_callback(shared.close)
        rules, keyrings = RulesBoard(), KeyBoard(vault)
        await rules.refresh()
        await keyrings.refresh()
        ledger = await open_ledger(config, clock, stack)
        wechat = open_wechat(config, clock)
        stack.push_async_callback(wechat.close)
        pay = open_wechat_pay(config, clock, randomness)
        stack.push_async_callback(pay.close)
        uploads = UploadPace(time.monotonic)
        parts = Parts(
            config=config,
            clock=clock,
            randomness=randomness,
            vault=vault,
            bus=bus,
            limits=Limits(clock, shared),
            rules=rules,
            keyrings=keyrings,
            terminals=TerminalSessions(vault, clock),
            documents=DocumentShelf(vault, clock),
            events=EventHub(),
            live=LiveBoard(clock, rules),
            ledger=ledger,
            wechat=wechat,
            pay=pay,
            pay_notices=open_pay_notices(config, clock),
            payments=PaymentQueue(
                lambda attempts: post_payments(ledger, rules.bundle, clock, attempts, rules.canary),
                uploads,
            ),
            uploads=uploads,
        )
        yield parts


def make_app(config: Config) -> App:
    """The app of one server process."""
    also = []
    if config.office is not None:
        also.append(build_office(config.office))
    if config.preview is not None:
        also.append(build_preview(config))
    return build_app(lambda: open_parts(config), "xiaoma", also)


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM. Exit status 2: the settings, keys or database do not allow a start."""
    begin_log()
    try:
        config = Config.read(os.environ)
        if arguments != [WORKER_FLAG]:
            open_vault(config)
            asyncio.run(_require_partners(config))
            asyncio.run(_require_database(config))
            require_free_port(config)
    except (ConfigError, VaultError, BusError, UnmigratedError, PortInUseError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_REFUSED
    if arguments == [WORKER_FLAG]:
        return serve(config, is_supervised=True)
    if config.workers > 1:
        return supervise([sys.executable, "-m", "backend.server", WORKER_FLAG], config.workers)
    return serve(config, is_supervised=False)


def serve(config: Config, *, is_supervised: bool) -> int:
    """Serve in this process until SIGTERM."""
    listening = _listening_socket(config)
    app = make_app(config)
    app.register_listener(calm_collector, "after_server_start")
    if is_supervised:
        app.register_listener(leave_with_parent, "before_server_start")
    log.info("serving http://%s:%d", config.host, config.port)
    app.run(sock=listening, single_process=True, access_log=False, motd=False)
    log.info("served")
    return 0


async def calm_collector(_app: object) -> None:
    """Leave what the start made out of every later look for garbage, and look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER, *gc.get_threshold()[1:])


def require_free_port(config: Config) -> None:
    """Refuse a port somebody listens on: SO_REUSEPORT would silently share the taps with him."""
    with _bindable(config) as probe:
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            where = f"{config.host}:{config.port}"
            message = f"XIAOMA_PORT: {where} cannot be used: {error.strerror}"
            raise PortInUseError(message) from error


def _bindable(config: Config) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made


def _listening_socket(config: Config) -> socket.socket:
    made = _bindable(config)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((config.host, config.port))
    made.listen(BACKLOG)
    return made


async def _require_partners(config: Config) -> None:
    """Read the partners' key files once, before any process is started."""
    await open_wechat(config, time.time).close()
    await open_wechat_pay(config, time.time, os.urandom).close()


async def _require_database(config: Config) -> None:
    await open_tables(config.database)
    try:
        await require_migrated()
    finally:
        await close_tables()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
