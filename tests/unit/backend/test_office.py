"""The office's web: its page at every address it makes up, its files, and nothing else."""

from __future__ import annotations

import itertools
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sanic import Sanic

from backend.api.access import require_rules
from backend.api.errors import register_errors
from backend.api.open.office import BUILT_KEPT, build_office
from backend.config import OFFICE, Config, ConfigError
from tests.rig.clients import new_client
from tests.rig.office import serving

SECRET = "nobody should read this"
PAGE = "<!doctype html><p>office"

_numbers = itertools.count(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A built web, and a secret beside it."""
    (tmp_path / "server.keys").write_text(SECRET)
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(PAGE)
    (built / "mark.svg").write_text("<svg/>")
    (built / "assets" / "index-1a2b.js").write_text("export {}")
    (built / ".built").write_text(SECRET)
    return built


@pytest_asyncio.fixture
async def http(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app: Sanic = Sanic(f"web-{next(_numbers)}", configure_logging=False)  # type: ignore[type-arg]
    app.blueprint(build_office(folder))
    register_errors(app)
    require_rules(app)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serving(app, listener), new_client(url) as made:
            yield made


@pytest.mark.parametrize("path", ["/office/", "/office/login", "/office/people/71?tab=cards"])
async def test_every_address_of_the_web_is_its_page(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["cache-control"] == "no-store"


async def test_the_policy_lets_nothing_in(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/office/")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_what_is_named_after_its_content_is_kept(http: httpx.AsyncClient) -> None:
    built = await http.get("/office/assets/index-1a2b.js")
    assert built.headers["cache-control"] == BUILT_KEPT
    assert (await http.get("/office/mark.svg")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        *("/office/.built", "/office/assets/.built", "/office/none.js", "/office/server.keys"),
        *("/office/..%2fserver.keys", "/office/%2e%2e/server.keys", "/office/%2fetc%2fpasswd.js"),
    ],
)
async def test_nothing_else_is_served(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404
    assert SECRET not in answer.text


def test_a_folder_that_was_named_must_hold_a_build(tmp_path: Path, folder: Path) -> None:
    assert Config.read({"XIAOMA_OFFICE": str(folder)}).office == folder
    with pytest.raises(ConfigError, match="XIAOMA_OFFICE"):
        Config.read({"XIAOMA_OFFICE": str(tmp_path)})


def test_without_a_name_it_is_the_project_s_own_build_if_there_is_one() -> None:
    assert Config.read({}).office == (OFFICE if (OFFICE / "index.html").is_file() else None)
