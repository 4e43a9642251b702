"""The local page server: who may ask, what it says of itself, and events as they happen."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import httpx
import orjson
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qr_terminals.errors import ConfigError
from qr_terminals.page import Feed, PageServer, file_routes, read_body
from qr_terminals.page.bodies import BODY_BYTES_MAX
from qr_terminals.page.feed import FOLLOWERS_MAX, RECENT_MAX


async def echo(request: Request) -> Response:
    return JSONResponse(await read_body(request))


@pytest.fixture
def feed() -> Feed:
    return Feed(alive_seconds=0.2)


@pytest.fixture
def server(feed: Feed) -> Iterator[PageServer]:
    server = PageServer(0, [], feed)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    """A server with files and a route, where nothing happens."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "page.html").write_text("<!doctype html>")
    (folder / "secret.html").write_text("not named")
    routes = [
        *file_routes(folder, {"/": "page.html"}),
        Route("/echo", echo, methods=["POST"]),
    ]
    server = PageServer(0, routes, Feed())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def http(still: PageServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=still.url, trust_env=False, timeout=5) as http:
        yield http


@pytest.fixture
def pages(server: PageServer) -> Iterator[Callable[[], Page]]:
    """Opens pages, and closes what a test left open."""
    opened: list[Page] = []

    def open_page() -> Page:
        opened.append(Page(server))
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()


def own(server: PageServer) -> dict[str, str]:
    return {"origin": server.url.rstrip("/")}


class Page:
    """A page that listens: events one by one, read on a thread of its own."""

    def __init__(self, server: PageServer) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        host = f"127.0.0.1:{server.port}"
        self._socket.sendall(f"GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        self._lines = self._socket.makefile("rb")
        self.status = int(self._lines.readline().split()[1])
        while self._lines.readline().strip():
            pass

    def next(self) -> tuple[str, dict[str, object]]:
        name = ""
        while line := self._lines.readline():
            if line.startswith(b"event: "):
                name = line[7:].strip().decode()
            if line.startswith(b"data: "):
                return name, orjson.loads(line[6:])
        return "", {}

    def news(self) -> tuple[str, dict[str, object]]:
        """The next event that is more than a sign of life."""
        while (told := self.next())[0] == "alive":
            pass
        return told

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


# ---------------------------------------------------------------------------------- who may ask


def test_it_listens_on_this_box_alone(still: PageServer) -> None:
    assert still._socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_its_own_page_may_ask(still: PageServer, http: httpx.Client, name: str) -> None:
    host = f"{name}:{still.port}"
    headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    assert http.get("/", headers=headers).text == "<!doctype html>"
    assert http.post("/echo", json={"a": 1}, headers=headers).json() == {"a": 1}


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"],
)
def test_another_name_for_this_box_is_refused(http: httpx.Client, host: str) -> None:
    answer = http.get("/", headers={"host": host})
    assert (answer.status_code, answer.json()["error"]) == (421, "wrong_host")


def test_a_request_that_names_two_hosts_is_refused(still: PageServer) -> None:
    with socket.create_connection(("127.0.0.1", still.port), timeout=5) as raw:
        good = f"Host: 127.0.0.1:{still.port}\r\n"
        raw.sendall(f"GET / HTTP/1.1\r\n{good}Host: evil.example\r\n\r\n".encode())
        assert raw.recv(100).split()[1] in (b"400", b"421")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_a_page_from_elsewhere_is_refused_everywhere(
    still: PageServer, http: httpx.Client, headers: dict[str, str]
) -> None:
    for path in ("/", "/events", "/nothing"):
        answer = http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "wrong_origin")
    answer = http.post("/echo", json={}, headers={**own(still), **headers})
    assert answer.status_code == 403


def test_what_changes_something_must_say_where_it_comes_from(http: httpx.Client) -> None:
    assert http.post("/echo", json={}).json()["error"] == "wrong_origin"


def test_a_port_that_is_taken_is_named(still: PageServer) -> None:
    with pytest.raises(ConfigError, match=str(still.port)):
        PageServer(still.port, [], Feed())


# ------------------------------------------------------------------------------ what it says


def test_every_answer_forbids_what_the_page_does_not_need(
    still: PageServer, http: httpx.Client
) -> None:
    for answer in (http.get("/"), http.get("/nothing"), http.get("/", headers={"host": "x"})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/secret.html", "/page.html", "/../secret.html", "/%2e%2e/x"])
def test_only_named_files_are_served(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "nothing_here")


def test_a_wrong_method_is_told(still: PageServer, http: httpx.Client) -> None:
    answer = http.get("/echo")
    assert (answer.status_code, answer.json()["error"]) == (405, "wrong_method")
    assert http.put("/", headers=own(still)).status_code == 405


@pytest.mark.parametrize(
    "kind,body,said",
    [
        ("text/plain", b"{}", (415, "wrong_type")),
        ("application/x-www-form-urlencoded", b"a=1", (415, "wrong_type")),
        ("application/json", b"{", (400, "no_json")),
        ("application/json", b"\xff", (400, "no_json")),
        ("application/json", b"[]", (400, "no_object")),
        ("application/json", b" " * BODY_BYTES_MAX + b"{}", (413, "too_long")),
        ("application/json; charset=utf-8", b"{}", (200, "")),
    ],
    ids=["text", "form", "half", "bytes", "list", "long", "right"],
)
def test_a_wrong_body_is_told(
    still: PageServer, http: httpx.Client, kind: str, body: bytes, said: tuple[int, str]
) -> None:
    answer = http.post("/echo", content=body, headers={**own(still), "content-type": kind})
    assert (answer.status_code, answer.json().get("error", "")) == said
    assert answer.is_success or (answer.json()["zh"] and answer.json()["en"])


# ------------------------------------------------------------------------------------ events


def test_a_page_hears_the_latest_of_each_name_and_then_each_change(
    pages: Callable[[], Page], feed: Feed
) -> None:
    feed.publish("view", {"n": 1})
    feed.publish("status", {"n": 2})
    feed.publish("view", {"n": 3})
    page = pages()
    assert [page.news(), page.news()] == [("status", {"n": 2}), ("view", {"n": 3})]
    for n in range(4, 9):
        feed.publish("view", {"n": n})
    assert [page.news() for _ in range(5)] == [("view", {"n": n}) for n in range(4, 9)]
    page.close()
    feed.publish("view", {"n": 9})
    again = pages()
    assert [again.news(), again.news()] == [("status", {"n": 2}), ("view", {"n": 9})]


def test_a_quiet_program_gives_signs_of_life(pages: Callable[[], Page], feed: Feed) -> None:
    page = pages()
    assert [page.next(), page.next()] == [("alive", {})] * 2


def test_who_reads_too_slowly_hears_the_latest_and_holds_nobody_up(
    pages: Callable[[], Page], feed: Feed
) -> None:
    page = pages()
    feed.publish("view", {"n": 0})
    assert page.news() == ("view", {"n": 0})
    began = time.monotonic()
    for n in range(5_000):
        feed.publish("view", {"n": n, "much": "x" * 1000})
    assert time.monotonic() - began < 20  # five million bytes that nobody reads
    heard = 0
    while (told := page.news()[1])["n"] != 4_999:
        heard += 1
    assert told["n"] == 4_999
    assert heard < 5_000 - RECENT_MAX


def test_pages_that_went_make_room_for_others(pages: Callable[[], Page], feed: Feed) -> None:
    feed.publish("view", {})
    opened = [pages() for _ in range(FOLLOWERS_MAX)]
    assert [page.news()[0] for page in opened] == ["view"] * FOLLOWERS_MAX
    assert pages().status == 503
    for page in opened:
        page.close()
    until = time.monotonic() + 5
    while feed.is_full:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert pages().status == 200


def test_stopping_ends_every_stream_and_the_thread(
    server: PageServer, pages: Callable[[], Page], feed: Feed
) -> None:
    page = pages()
    server.stop()
    while page.next() != ("", {}):
        pass
    assert not server._thread.is_alive()
    feed.publish("view", {})  # nobody there, nothing happens
