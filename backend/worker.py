"""`python -m backend.worker`: what happens by the clock, done by exactly one process.

Several may run; a lease in the database says which one leads. What it does is in `backend/jobs.py`.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from backend.config import Config, ConfigError
from backend.gateways.bus import BusError
from backend.gateways.vault import FileVault, VaultError
from backend.jobs import JOBS, WorkerParts
from backend.opening import (
    EXIT_REFUSED,
    begin_log,
    open_bus,
    open_carriers,
    open_ledger,
    open_vault,
    open_wechat,
    open_wechat_pay,
)
from backend.schedule import Job, Schedule
from backend.tables.database import close_tables, open_tables
from backend.tables.state import UnmigratedError, require_migrated
from backend.usecases.rules_board import RulesBoard


@asynccontextmanager
async def open_worker(config: Config) -> AsyncIterator[WorkerParts]:
    """Open what the jobs need, close it in the opposite order."""
    async with AsyncExitStack() as stack:
        vault = FileVault(config.key_file)
        await open_tables(config.database)
        stack.push_async_callback(close_tables)
        await require_migrated()
        bus = await open_bus(config, stack)
        ledger = await open_ledger(config, time.time, stack)
        wechat = open_wechat(config, time.time)
        stack.push_async_callback(wechat.close)
        pay = open_wechat_pay(config, time.time, os.urandom)
        stack.push_async_callback(pay.close)
        carriers = open_carriers(config, time.time)
        for carrier in carriers.values():
            stack.push_async_callback(carrier.close)
        yield WorkerParts(
            config, time.time, os.urandom, vault, bus, ledger, RulesBoard(), wechat, pay, carriers
        )


async def work(config: Config, jobs: Sequence[Job[WorkerParts]] = JOBS) -> None:
    """Lead or wait until SIGTERM or SIGINT."""
    owner = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"
    async with open_worker(config) as parts:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, parts.stopping.set)
        await Schedule(parts, jobs, owner).run()


def main() -> int:
    """Work until told to stop. Exit status 2: the settings, keys or database do not allow it."""
    begin_log()
    try:
        config = Config.read(os.environ)
        open_vault(config)
        asyncio.run(work(config))
    except (ConfigError, VaultError, BusError, UnmigratedError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
