"""What runs until it is told to end: the campus side, the sweep, the files that arrive."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx
from sanic import Sanic

from bank_gateway.asking import Result, Verb
from bank_gateway.bank_files import BankFileError, name_of
from bank_gateway.campus_api import Banks, Gateway, build_app
from bank_gateway.config import BankConfig, Config, ConfigError
from bank_gateway.days import DayOrderError, Days, OtherFileError
from bank_gateway.desk import Bank, Desk, day_at
from bank_gateway.journal import Journal
from bank_gateway.line import Line
from bank_gateway.partner import Partner
from bank_gateway.reconciling import DayResult
from bank_gateway.school_books import SECONDS_MAX, SchoolBooks
from bank_gateway.states import StateError
from bank_gateway.wire.dialect import Dialect

log = logging.getLogger("xiaoma.bank")

SWEEP_SECONDS: Final = 2.0
FILES_SECONDS: Final = 30.0
BACKLOG: Final = 128


def partners_of(config: Config) -> Banks:
    """A partner for each terminal of each bank."""
    return {
        (bank.profile.bank, terminal.terminal): Partner(
            Dialect(
                bank.profile,
                terminal=terminal.terminal,
                merchant=terminal.merchant,
                agent=terminal.agent,
            ),
            Line(bank.profile, bank.address),
            secrets,
        )
        for bank in config.banks
        for terminal, secrets in zip(bank.terminals, bank.secrets, strict=True)
    }


async def run(config: Config, clock: Callable[[], float], on_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `on_ready` hears our address.

    Raises ConfigError, JournalError, OSError.
    """
    settings = config.settings
    with alone(config.journal):
        journal = Journal(config.journal, config.kek, os.urandom)
        partners = partners_of(config)
        banks: dict[tuple[str, str], Bank] = {**partners}
        async with httpx.AsyncClient(base_url=settings.server.url, timeout=SECONDS_MAX) as http:
            books = SchoolBooks(http, config.server_key, clock)
            desk = Desk(journal, banks, books, clock)
            days = Days(journal, desk, clock)
            found = desk.start()
            log.info("%d asks were under way when the last process ended", found)
            gateway = Gateway(desk, journal, partners, config.server_key, clock)
            app = build_app("bank-gateway", gateway)
            with _listening(settings.campus.host, settings.campus.port) as listener:
                host, port = listener.getsockname()[:2]
                on_ready(f"http://{host}:{port}")
                try:
                    await _until_told(
                        _serve(app, listener),
                        _again(SWEEP_SECONDS, desk.sweep),
                        _again(FILES_SECONDS, lambda: settle_what_came(config, days, clock)),
                        _sign_in(config, desk),
                    )
                finally:
                    for partner in partners.values():
                        await partner.close()
                    journal.close()


async def settle_what_came(
    config: Config, days: Days, clock: Callable[[], float]
) -> list[DayResult]:
    """Settle the days whose files are here, in their order, at every bank; what each came to."""
    made = []
    for bank in config.banks:
        if bank.files is None:
            continue
        for day in days.due(bank.profile.bank, day_at(bank.profile, int(clock()))):
            result = await _settle(bank, bank.files, days, day)
            if result is None:
                break  # the days after it wait for its file
            made.append(result)
    return made


async def _settle(bank: BankConfig, folder: Path, days: Days, day: date) -> DayResult | None:
    terminal = bank.terminals[0]
    named = {"terminal": terminal.terminal, "merchant": terminal.merchant, "agent": terminal.agent}
    name = name_of(bank.profile, day, named)
    path = folder / name
    if not path.exists():
        return None
    try:
        raw = await asyncio.to_thread(path.read_bytes)
        result = await days.settle(raw, name, bank.profile, day, named)
    except (BankFileError, DayOrderError, OtherFileError, StateError, OSError) as error:
        log.error("%s: %s is not used: %s", bank.profile.bank, name, error)  # noqa: TRY400
        return None
    took, have = days.proof(result, bank.profile.bank)
    log.info("%s: %s settled: the bank %d fen, our books %d", bank.profile.bank, day, took, have)
    for one in result.for_people:
        log.warning("%s: %s: %s for people", bank.profile.bank, day, one.finding)
    return result


async def _sign_in(config: Config, desk: Desk) -> None:
    """Sign every terminal in that needs it; who fails is tried again by the next order."""
    for bank in config.banks:
        if Verb.SIGN_IN not in bank.profile.messages:
            continue
        for terminal in bank.terminals:
            answer = await desk.sign_in(bank.profile.bank, terminal.terminal)
            if answer.result is not Result.APPROVED:
                log.warning("%s %s: %s", bank.profile.bank, terminal.terminal, answer.en)
    await asyncio.Event().wait()


async def _again(seconds: float, work: Callable[[], Any]) -> None:
    """Do it again and again; a fault of one time is logged and does not end the next."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("a round of work failed and is done again")
        await asyncio.sleep(seconds)


async def _serve(app: Sanic[Any, Any], listener: socket.socket) -> None:
    server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    if server is None:
        raise ConfigError("the campus side does not listen")
    await server.startup()  # type: ignore[no-untyped-call]  # Sanic's
    await server.serve_forever()  # type: ignore[no-untyped-call]  # Sanic's


async def _until_told(*works: Any) -> None:  # noqa: ANN401 - coroutines of several kinds
    """Do all of it until a signal comes, or one of them ends with a fault."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    tasks = [asyncio.ensure_future(one) for one in (*works, told.wait())]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    for task in waiting:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    for task in done:
        task.result()


@contextlib.contextmanager
def alone(journal: Path) -> Iterator[None]:
    """Be the only process of a journal. Raises ConfigError: another one is."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.with_suffix(".lock").open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"{journal}: another gateway works with it") from None
        yield


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)  # whoever connects before we serve waits, and is not refused
        yield listener
