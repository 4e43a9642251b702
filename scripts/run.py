"""The whole campus in one command: environment, database, server, worker, and one lunch.

    python3 scripts/run.py          # plays the lunch, prints the books, keeps serving, and shows
                                    # the phones in your browser (--no-preview does without)
    python3 scripts/run.py --once   # exit status 0 only if every figure of the books holds
    python3 scripts/run.py --people 600 --database mysql://root@127.0.0.1:3306/lunch

Each run makes a folder of its own under var/ (keys, database, logs) and takes it away when all went
well; --keep leaves it there. No other database is ever touched.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

import httpx
import pymysql
from rich.console import Console

from scripts.demo_pages import Pages, build_office
from scripts.demo_phones import Phones, open_phones, seed_people
from scripts.simulate_lunch import PEOPLE, RULES, conclude, make_console
from simulators.lunch.books import Books
from simulators.lunch.campus import HANDOUT_FILE, Handout
from simulators.lunch.children import Child, ChildError, run_to_end
from simulators.lunch.hall import follow_console, open_hall
from simulators.lunch.people import invent, write_roster
from simulators.lunch.phones import AnswerError
from simulators.lunch.plan import PEOPLE_MIN, TooFewError
from simulators.lunch.play import Setting, play_lunch, read_rules
from simulators.lunch.rows import mysql_words
from simulators.lunch.scanner import MisreadError
from simulators.lunch.till import open_desk, open_till
from simulators.lunch.window import NoAnswerError

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var"
ROSTER = ROOT / "simulators" / "roster.csv"
PORT = 8700
PEOPLE_MAX = 5_000
SERVER_SECONDS = 30.0
SERVING = "xiaoma.server: serving "
SCHOOL = "校码演示大学"
TOTP_LINE = (
    "import json, pyotp, sys;"
    ' uri = json.load(open(sys.argv[1]))["admin"]["otpauth_uri"];'
    " print(pyotp.parse_uri(uri).now())"
)
EXIT_REFUSED = 2
EXIT_INTERRUPTED = 130
TROUBLES = (
    *(AnswerError, ChildError, MisreadError, NoAnswerError, TooFewError),
    *(httpx.HTTPError, pymysql.MySQLError, OSError),
)


class RefusedError(Exception):
    """The command cannot be carried out as it was given: exit status 2."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What was asked for, and where it happens."""

    folder: Path
    database: str
    port: int
    people: int
    seed: int
    is_once: bool
    has_preview: bool

    @property
    def url(self) -> str:
        """Where the server is reached."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """The settings of server and worker."""
        return {
            "XIAOMA_MODE": "demo",
            "XIAOMA_DATABASE": self.database,
            "XIAOMA_KEY_FILE": str(self.folder / "server.keys"),
            "XIAOMA_PORT": str(self.port),
            "XIAOMA_PUBLIC_URL": self.url,
            "XIAOMA_SCHOOL": SCHOOL,
            # each phone has an address of its own, as behind the school's reverse proxy
            "XIAOMA_TRUSTED_PROXIES": "127.0.0.1/32",
        }


def main(words: list[str]) -> int:
    """Run the command line."""
    console = make_console()
    for name in [name for name in os.environ if name.startswith("XIAOMA_")]:
        del os.environ[name]  # a demo obeys its command line, not somebody's production settings
    told = _parser().parse_args(words)
    with contextlib.ExitStack() as stack:
        try:
            demo = _make_demo(told, stack)
        except (RefusedError, pymysql.MySQLError) as error:
            print(error, file=sys.stderr)
            return EXIT_REFUSED
        return _run_to_end(demo, console, is_kept=told.keep)


def _run_to_end(demo: Demo, console: Console, *, is_kept: bool) -> int:
    status = EXIT_INTERRUPTED
    try:
        status = asyncio.run(_run(demo, console))
    except asyncio.CancelledError:
        print("已中断 · interrupted", file=sys.stderr)
    except BaseExceptionGroup as group:
        status = _tell(_causes(group))
    except TROUBLES as error:
        status = _tell([error])
    if status == 0 and not is_kept:
        shutil.rmtree(demo.folder)
    else:
        print(f"留着 · kept: {demo.folder}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run", description="校码演示 · the Xiaoma demo")
    parser.add_argument("--people", type=int, default=PEOPLE, help="多少人来吃饭 · how many eat")
    parser.add_argument("--once", action="store_true", help="演完就停 · stop after the lunch")
    parser.add_argument("--database", default="", help="mysql://… or sqlite:///…, empty or absent")
    parser.add_argument("--seed", type=int, default=1, help="of the lunch's own chance")
    parser.add_argument("--port", type=int, default=0, help=f"default {PORT}, or a free one")
    parser.add_argument(
        "--no-preview", action="store_true", help="不要手机预览 · without the phones' preview"
    )
    parser.add_argument("--keep", action="store_true", help="保留演示目录 · keep the demo's folder")
    return parser


# ----------------------------------------------------------------------------------- the place


def _make_demo(told: argparse.Namespace, stack: contextlib.ExitStack) -> Demo:
    if not PEOPLE_MIN <= told.people <= PEOPLE_MAX:
        raise RefusedError(
            f"--people: 应为 {PEOPLE_MIN}–{PEOPLE_MAX}"
            f" · a whole number from {PEOPLE_MIN} to {PEOPLE_MAX} is wanted"
        )
    port = _choose_port(told.port, stack)
    database = str(told.database)
    if database:
        _require_empty(database)
    VAR.mkdir(exist_ok=True)
    stamp = time.strftime("demo-%Y%m%d-%H%M%S-")
    folder = Path(tempfile.mkdtemp(prefix=stamp, dir=VAR))
    database = database or f"sqlite://{folder / 'xiaoma.sqlite3'}"
    if database.startswith("sqlite://"):  # the server has another working folder than we
        database = f"sqlite://{Path(database.removeprefix('sqlite://')).resolve()}"
    return Demo(
        folder,
        database,
        port,
        told.people,
        told.seed,
        is_once=told.once,
        has_preview=not (told.once or told.no_preview),
    )


def _choose_port(wanted: int, stack: contextlib.ExitStack) -> int:
    """A port nobody listens on and no other demo is about to; it is ours until the stack ends."""
    if wanted:
        if not _claim(wanted, stack):
            raise RefusedError(f"--port: {wanted} 已被占用 · {wanted} is in use")
        return wanted
    port = PORT
    while not _claim(port, stack):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
    return port


def _claim(port: int, stack: contextlib.ExitStack) -> bool:
    """Claim a port between demos that start at once: the server binds it only seconds later."""
    path = Path(tempfile.gettempdir()) / f"xiaoma-demo-{port}.lock"
    try:
        lock = stack.enter_context(path.open("a"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, OverflowError):
        return False
    return True


def _require_empty(database: str) -> None:
    """Make the database if it is not there; refuse one that holds anything."""
    if database.startswith("sqlite://"):
        path = Path(database.removeprefix("sqlite://"))
        if path.exists():
            raise RefusedError(f"--database: {path} 已存在 · {path} exists already")
        return
    if not database.startswith(("mysql://", "mariadb://")):
        raise RefusedError(f"--database: 不认识 · mysql:// or sqlite:// is wanted: {database}")
    words = mysql_words(database)
    name = words.pop("database")
    if not name.replace("_", "").isalnum():
        raise RefusedError(f"--database: 库名不对 · the URL names no plain database: {name!r}")
    with contextlib.closing(pymysql.connect(**words)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4")
        cursor.execute(
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema=%s", (name,)
        )
        found = cursor.fetchone()
    if found is None or found[0]:
        raise RefusedError(f"--database: {name} 不是空库 · {name} is not empty")


# ------------------------------------------------------------------------------------- the run


async def _run(demo: Demo, console: Console) -> int:
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
    await _prepare(demo, console)
    async with contextlib.AsyncExitStack() as stack:
        phones = Phones()
        office = demo.has_preview and await build_office(demo.folder, console)
        if demo.has_preview:
            phones = await stack.enter_async_context(open_phones(demo.folder, console))
        children = await stack.enter_async_context(_serving(demo, phones))
        console.print(f"服务器 · server: {demo.url}")
        books = await _play(demo, console)
        status = conclude(books)
        if phones.are_there:
            await seed_people(demo.database, demo.folder, demo.seed, console)
        if not demo.is_once:
            desk = await stack.enter_async_context(open_desk(demo.folder, demo.url))
            till = await stack.enter_async_context(open_till(desk, console))
            hall = await stack.enter_async_context(open_hall(desk, console))
            await _keep_serving(demo, Pages(phones, till, hall, office), children, console)
    return status


async def _prepare(demo: Demo, console: Console) -> None:
    console.print(f"演示目录 · demo folder: {demo.folder}")
    await run_to_end("migrate", ["backend.migrate", demo.database], demo.folder)
    roster = ROSTER
    with ROSTER.open(encoding="utf-8") as shipped:
        lines = sum(1 for _ in shipped) - 1
    wanted = demo.people + demo.people // 8 + 20
    if wanted > lines:
        roster = demo.folder / "roster.csv"
        with roster.open("w", encoding="utf-8") as more:
            write_roster(invent(wanted), more)
    words = ["scripts.seed", demo.database, "--folder", str(demo.folder)]
    words += ["--roster", str(roster), "--school", SCHOOL, "--seed", str(demo.seed)]
    await run_to_end("seed", words, demo.folder)
    handout = Handout.read(demo.folder)
    console.print(f"灌入 · seeded: {handout.school}, {len(handout.people)} 人 people")


@contextlib.asynccontextmanager
async def _serving(demo: Demo, phones: Phones) -> AsyncIterator[tuple[Child, Child]]:
    server = Child("server", ["backend.server"], demo.folder)
    worker = Child("worker", ["backend.worker"], demo.folder)
    try:
        environ = {**demo.environ, **phones.environ}
        await server.start(environ, is_piped=False)
        await worker.start(environ, is_piped=False)
        await _wait_for(server, demo.url)
        yield server, worker
    finally:
        await worker.stop()
        await server.stop()


async def _wait_for(server: Child, url: str) -> None:
    deadline = time.monotonic() + SERVER_SECONDS
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        while True:
            if server.has_ended:
                raise server.complain("没有启动 · did not start")
            # by its own word: somebody else might listen there and answer just as well
            if SERVING in server.said:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get("/open/health")).is_success:
                        return
            if time.monotonic() > deadline:
                raise server.complain(f"{SERVER_SECONDS:.0f} 秒内没有应答 · does not answer")
            await asyncio.sleep(0.1)


async def _play(demo: Demo, console: Console) -> Books:
    setting = Setting(
        demo.folder, demo.url, demo.database, demo.people, demo.seed, read_rules(RULES)
    )
    return await play_lunch(setting, console)


async def _keep_serving(
    demo: Demo, pages: Pages, children: tuple[Child, Child], console: Console
) -> None:
    """Serve until Ctrl-C, or until a child ends by itself."""
    console.print()
    if pages.till:
        console.print(
            f"收银页面 · the cashier's page: {pages.till} (问了金额就有人来 · ask, and one comes)"
        )
    if pages.has_office:
        console.print(f"管理网页 · the office's web: {demo.url}/office/")
    if pages.hall.url:
        console.print(f"自助机 · the hall's kiosk: {pages.hall.url}")
        console.print(
            "  这里输入 · type here: k 有人到自助机 · to the kiosk, d 到门口 · to the door"
        )
        follow_console({"k": pages.hall.to_kiosk, "d": pages.hall.to_door})
    if pages.phones.are_there:
        console.print(f"手机预览 · phones in your browser: {demo.url}/preview/")
        console.print(
            "充值 · top up there: 我的 → 充值 (模拟微信支付 · with a simulated WeChat Pay)"
        )
    console.print(f"健康 · health:  {demo.url}/open/health")
    console.print(f"管理 · staff:   POST {demo.url}/staff/sessions")
    console.print(f"学生 · phones:  POST {demo.url}/student/bindings")
    handout = demo.folder / HANDOUT_FILE
    login = Handout.read(demo.folder).admin.login
    code = f"{sys.executable} -c '{TOTP_LINE}' {handout}"
    console.print(f"管理员 · admin: {login}, 密码在 · password in {handout}", soft_wrap=True)
    console.print(f"一次性密码 · one-time code: {code}", soft_wrap=True, markup=False)
    console.print("Ctrl-C 结束 · ends it")
    waiting = [asyncio.create_task(child.process.wait()) for child in children]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        return  # Ctrl-C is how this ends
    finally:
        for one in waiting:
            one.cancel()
    gone = next(child for child in children if child.has_ended)
    raise gone.complain("自己退出了 · ended by itself")


# ---------------------------------------------------------------------------------- the troubles


def _causes(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for one in group.exceptions:
        found += _causes(one) if isinstance(one, BaseExceptionGroup) else [one]
    return found


def _tell(causes: list[BaseException]) -> int:
    """Say what went wrong; what is none of our own errors is raised on."""
    for cause in causes:
        if not isinstance(cause, TROUBLES):
            raise cause
        name = type(cause).__name__
        print(f"没有演完 · the lunch was not finished: {name}: {cause}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
