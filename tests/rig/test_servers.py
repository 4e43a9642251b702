import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pymysql
import pytest

from simulators import databases
from simulators.databases import DatabaseError, PrivateMariaDB, PrivateRedis, find_program

ROOT = Path(__file__).resolve().parents[2]

PARENT = """
import os, signal, sys
from simulators.databases import PrivateMariaDB, PrivateRedis
with PrivateMariaDB() as mariadb, PrivateRedis() as redis:
    print(mariadb.pid, redis.pid, mariadb.folder, redis.folder, flush=True)
    signal.pause()
"""


def ask(server: PrivateMariaDB, question: str, database: str | None = None) -> object:
    connection = pymysql.connect(
        unix_socket=str(server.socket_path), user="root", database=database, autocommit=True
    )
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(question)
        rows = cursor.fetchall()
        return rows[0][0] if rows else None


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    "setting, wanted",
    [
        ("time_zone", "+00:00"),
        ("character_set_server", "utf8mb4"),
        ("innodb_flush_log_at_trx_commit", 1),
        ("bind_address", "127.0.0.1"),
    ],
)
def test_mariadb_is_set_up_as_production_is(
    mariadb: PrivateMariaDB, setting: str, wanted: object
) -> None:
    assert ask(mariadb, f"SELECT @@GLOBAL.{setting}") == wanted


def test_mariadb_keeps_its_temporary_tables_to_itself(mariadb: PrivateMariaDB) -> None:
    """Two servers with one tmpdir delete each other's while they start."""
    assert ask(mariadb, "SELECT @@GLOBAL.tmpdir") == str(mariadb.folder / "tmp")


def test_a_killed_mariadb_keeps_what_it_committed(
    mariadb_url: str, mariadb: PrivateMariaDB
) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    ask(mariadb, "CREATE TABLE t (n INT)", name)
    ask(mariadb, "INSERT INTO t VALUES (41)", name)
    before = mariadb.pid
    mariadb.kill()
    with pytest.raises(DatabaseError, match="does not run"):
        _ = mariadb.pid
    mariadb.start()
    assert mariadb.pid != before
    assert ask(mariadb, "SELECT n FROM t", name) == 41


def test_a_fresh_database_is_empty_again(mariadb: PrivateMariaDB) -> None:
    mariadb.fresh_database("again")
    ask(mariadb, "CREATE TABLE t (n INT)", "again")
    mariadb.fresh_database("again")
    assert ask(mariadb, "SHOW TABLES", "again") is None
    mariadb.drop_database("again")


def test_every_test_gets_an_empty_database(database_url: str) -> None:
    kind, rest = database_url.split("://", 1)
    if kind == "sqlite":
        assert not Path(rest).exists()
        with contextlib.closing(sqlite3.connect(rest)) as connection:
            assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    else:
        host, name = rest.removeprefix("root@").split("/")
        port = int(host.split(":")[1])
        connection2 = pymysql.connect(host="127.0.0.1", port=port, user="root", database=name)
        with contextlib.closing(connection2), connection2.cursor() as cursor:
            assert cursor.execute("SHOW TABLES") == 0


def test_the_socket_answers_too(mariadb: PrivateMariaDB) -> None:
    url = mariadb.url("x", by_socket=True)
    path = url.split("unix_socket=")[1]
    assert len(path.encode()) <= databases.SOCKET_PATH_BYTES_MAX
    assert ask(mariadb, "SELECT 7") == 7


def test_redis_is_empty_after_a_flush(redis_server: PrivateRedis, redis_url: str) -> None:
    assert redis_url == redis_server.url
    redis_server._say(b"SET k v\r\n", b"+OK")
    redis_server.flush()
    redis_server._say(b"EXISTS k\r\n", b":0")
    redis_server.restart()
    redis_server._say(b"EXISTS k\r\n", b":0")


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGKILL])
def test_the_servers_die_with_their_starter(which: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        mariadb, redis, *folders = parent.stdout.readline().split()
        assert is_alive(int(mariadb))
        assert is_alive(int(redis))
        parent.send_signal(which)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and (is_alive(int(mariadb)) or is_alive(int(redis))):
        time.sleep(0.01)
    assert not is_alive(int(mariadb))
    assert not is_alive(int(redis))
    assert all(Path(folder).is_dir() for folder in folders)  # killed: nobody could tidy up
    databases.sweep()
    assert not any(Path(folder).exists() for folder in folders)


def test_the_sweep_leaves_the_living_alone(mariadb: PrivateMariaDB) -> None:
    assert databases.owner_of(mariadb.folder) == os.getpid()
    databases.sweep()
    assert mariadb.folder.is_dir()
    assert ask(mariadb, "SELECT 1") == 1


def test_a_folder_without_owner_is_not_swept(tmp_path: Path) -> None:
    stranger = tmp_path / "xm-stranger"
    stranger.mkdir()
    databases.sweep(tmp_path)
    assert stranger.is_dir()


def test_a_missing_program_is_named() -> None:
    with pytest.raises(DatabaseError, match="no-such-server is not installed"):
        find_program("no-such-server")


def test_a_server_that_cannot_start_says_why() -> None:
    with (
        pytest.raises(DatabaseError, match="unknown variable 'no-such-option=1'"),
        PrivateMariaDB(options=["--no-such-option=1"]),
    ):
        pass
