"""The whole campus, as a person starts it: a small lunch, and books that can be caught lying."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from simulators.databases import PrivateMariaDB
from simulators.lunch.books import Books
from simulators.lunch.campus import Handout
from simulators.lunch.play import read_again, read_rules

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
RULES = read_rules(ROOT / "simulators" / "campus_rules.json")
PEOPLE = 30
DOOR_SHUTS_SECONDS = 3.0
"""Until then the same code is the same passage."""
LAST_LINE = re.compile(
    r"books: residual 0 fen, (\d+) payments \((\d+) offline\), 0 lost, 0 doubled, (\d+) refused"
)
# a posting takes an own id far from all others; triggers are gone in the copy that is tampered with
SECOND_PAYMENT = """
    INSERT INTO payment SELECT 800000, terminal_id, 9000, merchant_id, card_id, holder_id, NULL,
    credential, class_id, period_id, business_on, nominal_fen, discount_fen, fee_fen,
    charged_fen, borne_fen, was_offline, outcome, reason, occurred_at, posted_at
    FROM payment WHERE id = {payment}
"""
SECOND_POSTINGS = """
    INSERT INTO posting SELECT 800000 + id % 8, kind, source_id, target_id, amount_fen,
    corrects_id FROM posting WHERE id BETWEEN {payment} AND {payment} + 7
"""
SECOND_USE_CHARGED = """
    UPDATE posting SET source_id = {purse}
    WHERE id IN (SELECT id FROM payment WHERE reason = 'already_used')
"""


@dataclass
class Lunch:
    """A lunch that was played: what it printed, how it ended, where its folder is."""

    output: str
    status: int
    folder: Path
    health: dict[str, object] = field(default_factory=dict)

    @property
    def database(self) -> str:
        return f"sqlite://{self.folder / 'xiaoma.sqlite3'}"


def start(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scripts.run", "--people", str(PEOPLE), *words]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def folder_in(output: str) -> Path:
    found = re.search(r"demo folder: (\S+)", output)
    assert found, output
    return Path(found[1])


def play(*words: str) -> Lunch:
    running = start("--once", "--keep", *words)
    output, _ = running.communicate()
    return Lunch(output, running.returncode, folder_in(output))


def visit_hall(running: subprocess.Popen[str], said: str) -> str:
    """Have somebody come to the kiosk and two to the door; what the console said, and the page."""
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write("k\nwhatever\nd\n")
    running.stdin.flush()
    heard = running.stdout.readline()
    time.sleep(DOOR_SHUTS_SECONDS)
    running.stdin.write("d\n")
    running.stdin.flush()
    heard += running.stdout.readline()
    found = re.search(r"kiosk: (http://\S+)", said)
    assert found, said
    with httpx.stream("GET", f"{found[1]}events", timeout=20) as events:
        for line in events.iter_lines():
            if '"screen":"visit"' in line:
                return f"{heard}kiosk: visit\n"
    return heard


@pytest.fixture(scope="module")
def lunch() -> Iterator[Lunch]:
    """One lunch on SQLite that goes on serving until Ctrl-C; its folder is kept."""
    with start("--keep", "--no-preview") as running:
        assert running.stdout is not None
        said = ""
        while "Ctrl-C" not in said and (line := running.stdout.readline()):
            said += line
        found = re.search(r"http://127.0.0.1:\d+/open/health", said)
        health = httpx.get(found[0]).json() if found else {}
        said += visit_hall(running, said)
        running.send_signal(signal.SIGINT)
        said += running.stdout.read()
    played = Lunch(said, running.returncode, folder_in(said), health)
    yield played
    shutil.rmtree(played.folder)


def assert_holds(played: Lunch) -> None:
    last = LAST_LINE.fullmatch(last_line(played.output))
    assert last, played.output
    payments, offline, refused = map(int, last.groups())
    assert payments >= 10
    assert 0 < offline < payments
    assert refused >= 10
    assert played.status == 0, played.output


def last_line(output: str) -> str:
    return next(line for line in output.splitlines() if line.startswith("books:"))


def test_a_lunch_on_sqlite_agrees_to_the_fen(lunch: Lunch) -> None:
    assert_holds(lunch)
    assert lunch.health["database"] is True, "it should have gone on serving"
    assert "wrong_code" in lunch.output
    assert "offline_suspense" in lunch.output
    assert (lunch.folder / "handout.json").stat().st_mode & 0o077 == 0
    assert Handout.read(lunch.folder).admin.password not in lunch.output


def test_after_the_lunch_a_kiosk_and_a_door_are_open(lunch: Lunch) -> None:
    assert "door: ✔ 开锁" in lunch.output, lunch.output
    assert "door: ✘ 未开 此码已用过" in lunch.output, "a screenshot of the code before"
    assert "kiosk: visit" in lunch.output


def test_a_lunch_on_mariadb_agrees_to_the_fen(mariadb: PrivateMariaDB) -> None:
    played = play("--database", mariadb.url("a_lunch"))
    try:
        assert_holds(played)
        refused = start("--once", "--database", mariadb.url("a_lunch"))
        output, _ = refused.communicate()
        assert refused.returncode == 2
        assert "a_lunch is not empty" in output
    finally:
        shutil.rmtree(played.folder)
        mariadb.drop_database("a_lunch")


@pytest.mark.parametrize(
    "statements, flag",
    [
        (("UPDATE account SET balance_fen = balance_fen + 1 WHERE id = {purse}",), "residual"),
        (("UPDATE posting SET amount_fen = amount_fen + 1 WHERE id = {payment}",), "residual"),
        (("DELETE FROM suspense WHERE id = (SELECT MIN(id) FROM suspense)",), "residual"),
        (
            (
                "DELETE FROM payment WHERE id = {payment}",
                "DELETE FROM posting WHERE id BETWEEN {payment} AND {payment} + 7",
            ),
            "lost",
        ),
        (("UPDATE payment SET charged_fen = charged_fen - 1 WHERE id = {payment}",), "lost"),
        ((SECOND_PAYMENT, SECOND_POSTINGS), "faults"),
        (("UPDATE payment SET sequence = sequence + 9000 WHERE id = {payment}",), "lost"),
        (("UPDATE payment SET holder_id = 0, card_id = 1 WHERE id = {payment}",), "faults"),
        (("UPDATE refusal_count SET count = count + 9",), "faults"),
        (("UPDATE suspense SET reason = 'frozen' WHERE reason = 'wrong_code'",), "faults"),
        (("DELETE FROM reversal WHERE payment_id <> 0",), "faults"),
    ],
)
def test_books_that_were_tampered_with_are_caught(
    lunch: Lunch, tmp_path: Path, statements: tuple[str, ...], flag: str
) -> None:
    copy = tmp_path / "copy.sqlite3"
    with (
        closing(sqlite3.connect(lunch.folder / "xiaoma.sqlite3")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        tamper(target, statements)
    sound = read_again(lunch.folder, lunch.database, RULES)
    assert sound.is_sound, sound.faults
    caught = read_again(lunch.folder, f"sqlite://{copy}", RULES)
    assert not caught.is_sound
    assert getattr(caught, "residual_fen" if flag == "residual" else flag), caught


def tamper(books: sqlite3.Connection, statements: tuple[str, ...]) -> None:
    for (name,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        books.execute(f"DROP TRIGGER {name}")
    payment, holder = books.execute(
        "SELECT id, holder_id FROM payment WHERE borne_fen = 0 AND card_id > 1"
        " AND id NOT IN (SELECT payment_id FROM reversal) ORDER BY id LIMIT 1"
    ).fetchone()
    (purse,) = books.execute(
        "SELECT id FROM account WHERE holder_id = ? AND purse = 'cash'", (holder,)
    ).fetchone()
    for statement in statements:
        done = books.execute(statement.format(payment=payment, purse=purse))
        assert done.rowcount > 0, statement
    books.commit()


def test_the_same_code_charged_to_its_holder_twice_is_doubled(lunch: Lunch, tmp_path: Path) -> None:
    """A picture shown at two windows charges once: charging it again must be seen."""
    copy = tmp_path / "copy.sqlite3"
    shutil.copyfile(lunch.folder / "xiaoma.sqlite3", copy)
    with closing(sqlite3.connect(copy)) as books:
        tamper(books, (SECOND_USE_CHARGED,))
    caught: Books = read_again(lunch.folder, f"sqlite://{copy}", RULES)
    assert caught.doubled


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running_when_it_is_stopped(number: signal.Signals) -> None:
    with start("--once") as running:
        assert running.stdout is not None
        said = ""
        while "lunch:" not in said:
            line = running.stdout.readline()
            assert line, said
            said += line
        folder = folder_in(said)
        assert children_of(folder)
        time.sleep(2)  # people are eating
        running.send_signal(number)
        running.stdout.read()
        wanted = -signal.SIGKILL if number is signal.SIGKILL else 130
        assert running.wait() == wanted
    deadline = time.monotonic() + 10
    while children_of(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = children_of(folder)
    shutil.rmtree(folder)
    assert left == []


def children_of(folder: Path) -> list[int]:
    """The processes that were told this folder, on the command line or in their settings."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
        except OSError:
            continue  # it ended just now, or is somebody else's
        if os.fsencode(folder) in told:
            found.append(int(place.name))
    return found


@pytest.mark.parametrize(
    "words, sentence",
    [
        (("--people", "3"), "--people"),
        (("--database", "postgres://x/y"), "mysql:// or sqlite://"),
        (("--database", f"sqlite://{ROOT / 'pyproject.toml'}"), "exists already"),
        (("--port", "99999"), "--port"),
    ],
)
def test_a_wrong_command_is_refused_in_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    refused = start("--once", *words)
    output, _ = refused.communicate()
    assert refused.returncode == 2
    assert sentence in output
    assert "Traceback" not in output
