"""Private MariaDB and Redis servers for tests, benchmarks and demonstrations.

Each lives in its own short temporary folder, listens on loopback and on a unix socket there, reads
no configuration of the machine, and dies with the process that started it, even when that process
is killed. MariaDB commits durably, in utf8mb4 and UTC, as production does::

    with PrivateMariaDB() as mariadb:
        url = mariadb.fresh_database("lunch")  # mysql://root@127.0.0.1:40123/lunch

Nothing here is for production: the database has a root user without a password.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pymysql

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 30.0
POLL_SECONDS = 0.01
SOCKET_PATH_BYTES_MAX = 107  # sun_path is 108 bytes with its final zero
SYSTEM_FOLDERS = "/usr/sbin:/usr/local/sbin:/sbin"  # not on a plain user's PATH
LOG_LINES_SHOWN = 20
PR_SET_PDEATHSIG = 1
MARIADB_PROTOCOL = b"\n"  # version 10, first byte of a server's greeting; an error begins with ff
FOLDER_PREFIX = "xm-"
OWNER_FILE = "owner"

_libc = ctypes.CDLL(None, use_errno=True)


class DatabaseError(Exception):
    """A private server is missing, did not start, or stopped by itself."""


def find_program(name: str) -> str:
    """Return a server program's path; raise DatabaseError with what to do when it is absent."""
    path = shutil.which(name) or shutil.which(name, path=SYSTEM_FOLDERS)
    if path is None:
        sentence = (
            f"没有找到 {name} · {name} is not installed: python3 scripts/check.py installs it"
        )
        raise DatabaseError(sentence)
    return path


def free_port() -> int:
    """Return a loopback TCP port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def owner_of(folder: Path) -> int | None:
    """Return the process id that made this server folder; None when we did not make it."""
    try:
        return int((folder / OWNER_FILE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def sweep(under: Path | None = None) -> None:
    """Remove the folders of servers whose starter was killed and could not do it."""
    for folder in (under or Path(_short_folder())).glob(f"{FOLDER_PREFIX}*"):
        owner = owner_of(folder)
        if owner is not None and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)  # another process may sweep at once


@dataclass
class PrivateServer(ABC):
    """One child process with its own folder. Use it as a context manager."""

    options: Sequence[str] = ()
    folder: Path = field(init=False)
    port: int = field(init=False)
    _process: subprocess.Popen[bytes] | None = field(init=False, default=None)

    def __enter__(self) -> Self:
        """Make the folder, start the server and return when it answers."""
        sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=_short_folder()))
        (self.folder / OWNER_FILE).write_text(str(os.getpid()), encoding="ascii")
        self.port = free_port()
        try:
            self._prepare()
            self.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the server and remove its folder."""
        self._leave()

    @property
    def socket_path(self) -> Path:
        """The unix socket; short enough for sun_path."""
        return self.folder / "s"

    @property
    def log(self) -> str:
        """The last lines the server wrote."""
        path = self.folder / "log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])

    @property
    def pid(self) -> int:
        """The server's process id; raises DatabaseError when it does not run."""
        if self._process is None or self._process.poll() is not None:
            raise DatabaseError(f"{type(self).__name__} does not run")
        return self._process.pid

    def start(self) -> None:
        """Start on the same folder and port, and return when it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._environ(),
                start_new_session=True,  # a Ctrl-C is for the tests, not for their database
                preexec_fn=dies_with(os.getpid()),  # noqa: PLW1509  one prctl call only
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise DatabaseError(f"{type(self).__name__} did not start:\n{self.log}")
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """SIGKILL, as a power cut of the process would be."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait until it has left."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Start again on the same data, after `kill`, `stop`, or while running."""
        self.stop()
        self.start()

    def _environ(self) -> dict[str, str]:
        """A temporary folder of its own: a starting MariaDB clears the others' tables in /tmp."""
        scratch = self.folder / "tmp"
        scratch.mkdir(exist_ok=True)
        return {**os.environ, "TMPDIR": str(scratch)}

    def _end(self, which: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(which)
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _leave(self) -> None:
        self.kill()  # the data are thrown away: nothing to say goodbye to
        shutil.rmtree(self.folder)

    @abstractmethod
    def _prepare(self) -> None:
        """Make the empty data directory."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Return the server's command line."""

    @abstractmethod
    def _answers(self) -> bool:
        """Return whether the server speaks its protocol yet."""


@dataclass
class PrivateMariaDB(PrivateServer):
    """A MariaDB of one's own: durable, utf8mb4, UTC.

    `options` are further mariadbd options, e.g. `["--innodb-lock-wait-timeout=1"]`.
    """

    def url(self, name: str, *, by_socket: bool = False) -> str:
        """Return the URL of database `name`, by TCP on loopback or by unix socket."""
        tail = f"?unix_socket={self.socket_path}" if by_socket else ""
        return f"mysql://root@127.0.0.1:{self.port}/{name}{tail}"

    def fresh_database(self, name: str) -> str:
        """Make database `name` empty, dropping an older one, and return its URL."""
        self.execute(f"DROP DATABASE IF EXISTS `{name}`", f"CREATE DATABASE `{name}`")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove database `name`, which must exist."""
        self.execute(f"DROP DATABASE `{name}`")

    def execute(self, *statements: str) -> None:
        """Run statements as root, outside any database."""
        with (
            contextlib.closing(
                pymysql.connect(
                    unix_socket=str(self.socket_path),
                    user="root",
                    autocommit=True,
                    ssl_disabled=True,  # else it reads every authority of the machine first
                )
            ) as connection,
            connection.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)

    def _prepare(self) -> None:
        command = [find_program("mariadb-install-db"), "--no-defaults", "--skip-test-db"]
        command += [f"--datadir={self.folder / 'data'}", "--auth-root-authentication-method=normal"]
        command += ["--innodb-log-file-size=48M", *self._user()]
        done = subprocess.run(
            command, env=self._environ(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            reason = "\n".join(done.stderr.splitlines()[-LOG_LINES_SHOWN:])
            raise DatabaseError(f"mariadb-install-db failed:\n{reason}")

    def _command(self) -> list[str]:
        return [
            find_program("mariadbd"),
            "--no-defaults",
            *self._user(),
            f"--datadir={self.folder / 'data'}",
            f"--socket={self.socket_path}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--pid-file={self.folder / 'pid'}",
            "--skip-name-resolve",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_bin",
            "--default-time-zone=+00:00",
            "--innodb-flush-log-at-trx-commit=1",
            "--innodb-log-file-size=48M",
            "--max-connections=300",
            *self.options,
        ]

    @staticmethod
    def _user() -> list[str]:
        return ["--user=root"] if os.geteuid() == 0 else []

    def _answers(self) -> bool:
        try:  # not with PyMySQL: it leaves its socket open when nobody answers
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket_path))
                greeting = connection.recv(64)
        except OSError:
            return False
        return greeting[4:5] == MARIADB_PROTOCOL


@dataclass
class PrivateRedis(PrivateServer):
    """A Redis of one's own, without persistence: we keep nothing there that may not be lost."""

    @property
    def url(self) -> str:
        """The URL of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def flush(self) -> None:
        """Forget everything."""
        self._say(b"FLUSHALL\r\n", b"+OK")

    def _prepare(self) -> None:
        (self.folder / "data").mkdir()

    def _command(self) -> list[str]:
        command = [find_program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port)]
        command += ["--unixsocket", str(self.socket_path), "--dir", str(self.folder / "data")]
        return [*command, "--save", "", "--appendonly", "no", *self.options]

    def _answers(self) -> bool:
        try:
            self._say(b"PING\r\n", b"+PONG")
        except (OSError, DatabaseError):
            return False
        return True

    def _say(self, request: bytes, wanted: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(request)
            answer = connection.recv(64)
        if not answer.startswith(wanted):
            raise DatabaseError(f"Redis answered {answer!r}")


def _short_folder() -> str:
    """Return a temporary folder under which a socket path is not too long."""
    folder = tempfile.gettempdir()
    too_long = len(os.fsencode(folder)) + len("/xm-12345678/s") > SOCKET_PATH_BYTES_MAX
    return "/tmp" if too_long else folder  # noqa: S108  mkdtemp makes a private folder in it


def dies_with(parent: int) -> Callable[[], None]:
    """Return what a child does first: ask to be killed when its parent ends, in whatever way.

    The kernel means the thread that started the child: start servers from the main thread.
    """

    def ask() -> None:
        if _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0 or os.getppid() != parent:
            os._exit(1)  # the parent left before we asked

    return ask
