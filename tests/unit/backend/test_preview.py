"""The preview's files: these and no others, in a demo and nowhere else."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sanic import Sanic

from backend.api.access import require_rules
from backend.api.errors import register_errors
from backend.api.open.preview import build_preview
from backend.config import Config, ConfigError
from backend.domain.wechat_pay_account import WechatPayAccount
from tests.rig.clients import new_client
from tests.rig.office import serving

SECRET = "nobody should read this"
PRODUCTION = {
    "XIAOMA_MODE": "production",
    "XIAOMA_DATABASE": "mysql://root@127.0.0.1/xiaoma",
    "XIAOMA_REDIS": "redis://127.0.0.1/0",
    "XIAOMA_PUBLIC_URL": "https://card.example.edu/",
}

_numbers = itertools.count(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A built preview, and secrets beside and inside it."""
    (tmp_path / "server.keys").write_text(SECRET)
    built = tmp_path / "preview"
    (built / "assets" / "images").mkdir(parents=True)
    (built / "index.html").write_text("<p>outer")
    (built / "phone.html").write_text("<p>phone")
    (built / "outer.mjs").write_text("export {}")
    (built / "assets" / "images" / "qr.svg").write_text("<svg/>")
    (built / ".hidden.js").write_text(SECRET)
    (built / "notes.txt").write_text(SECRET)
    (built / "link.js").symlink_to(tmp_path / "server.keys")
    return built


def settings(folder: Path, **more: str) -> Config:
    return Config.read({"XIAOMA_PREVIEW": str(folder), **more})


@asynccontextmanager
async def browser(config: Config) -> AsyncIterator[httpx.AsyncClient]:
    app: Sanic = Sanic(f"preview-{next(_numbers)}", configure_logging=False)  # type: ignore[type-arg]
    with pytest.warns(UserWarning, match="logins"):
        app.blueprint(build_preview(config))
    register_errors(app)
    require_rules(app)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serving(app, listener), new_client(url) as http:
            yield http


@pytest.mark.parametrize(
    "path,kind,text",
    [
        ("/preview/", "text/html; charset=utf-8", "<p>outer"),
        ("/preview/phone.html", "text/html; charset=utf-8", "<p>phone"),
        ("/preview/outer.mjs", "text/javascript; charset=utf-8", "export {}"),
        ("/preview/assets/images/qr.svg", "image/svg+xml", "<svg/>"),
    ],
)
async def test_a_file_comes_as_what_it_is(folder: Path, path: str, kind: str, text: str) -> None:
    async with browser(settings(folder)) as http:
        answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, kind, text)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/preview/../server.keys",
        "/preview/%2e%2e/server.keys",
        "/preview/..%2fserver.keys",
        "/preview/assets/%2e%2e/%2e%2e/server.keys",
        "/preview/assets/images/../../../server.keys",
        "/preview//etc/passwd",
        "/preview/%2fetc%2fpasswd",
        "/preview/.hidden.js",
        "/preview/notes.txt",  # not a kind of file we serve
        "/preview/link.js",  # leads out of the folder
        "/preview/assets",
        "/preview/nothing.js",
        "/preview/outer.mjs%00.svg",
        "/preview/outer.mjs%0a",
        "/preview/" + "a/" * 2000 + "x.js",
    ],
)
async def test_nothing_else_is_served(folder: Path, path: str) -> None:
    async with browser(settings(folder)) as http:
        host, port = http.base_url.host, http.base_url.port
        # httpx would tidy the path first: a stranger does not
        said = await raw_get(host, port or 0, path)
    assert said.startswith(b"HTTP/1.1 4"), said[:80]
    assert SECRET.encode() not in said
    assert b"root:" not in said


async def raw_get(host: str, port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    said = await reader.read()
    writer.close()
    await writer.wait_closed()
    return said


async def test_the_folder_has_a_slash(folder: Path) -> None:
    async with browser(settings(folder)) as http:
        answer = await http.get("/preview")
    assert (answer.status_code, answer.headers["location"]) == (308, "/preview/")


async def test_people_come_from_the_seeds_file(folder: Path, tmp_path: Path) -> None:
    people = [{"persona": "student", "openid": "demo-student", "name": "张小明"}]
    path = tmp_path / "personas.json"
    path.write_text(json.dumps(people), encoding="utf-8")
    async with browser(settings(folder, XIAOMA_PERSONAS=str(path))) as http:
        assert (await http.get("/preview/personas.json")).json() == people
        assert (await http.get("/preview/settings.json")).json() == {"simulator": "", "pay": ""}
    async with browser(settings(folder)) as http:
        assert (await http.get("/preview/personas.json")).json() == []


async def test_the_simulator_may_be_asked_and_no_other(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    wechat = {
        "XIAOMA_WECHAT_APP_ID": "wx1",
        "XIAOMA_WECHAT_SECRET_FILE": str(secret),
        "XIAOMA_WECHAT_URL": "http://127.0.0.1:9",
    }
    async with browser(settings(folder, **wechat)) as http:
        answer = await http.get("/preview/")
        said = (await http.get("/preview/settings.json")).json()
    assert "connect-src 'self' http://127.0.0.1:9;" in answer.headers["content-security-policy"]
    assert said == {"simulator": "http://127.0.0.1:9", "pay": ""}


@pytest.mark.parametrize("url", ["http://127.0.0.1:7", "https://api.mch.weixin.qq.com"])
async def test_only_a_wechat_pay_on_this_machine_is_named(
    folder: Path, tmp_path: Path, url: str
) -> None:
    demo = settings(folder)
    account = WechatPayAccount(
        mchid="1900000109",
        app_id="wx1",
        serial="A" * 40,
        key_file=tmp_path / "key",
        v3_key_file=tmp_path / "v3",
        platform_files=(),
        payment_notify_url="http://127.0.0.1:8/a",
        refund_notify_url="http://127.0.0.1:8/b",
        urls=(url,),
    )
    expected = url if "127.0.0.1" in url else ""
    async with browser(dataclasses.replace(demo, pay=account)) as http:
        answer = await http.get("/preview/")
        assert (await http.get("/preview/settings.json")).json()["pay"] == expected
    policy = answer.headers["content-security-policy"]
    assert ("connect-src 'self' " + expected).strip() + ";" in policy


def test_production_refuses_a_preview(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"^XIAOMA_PREVIEW: must not be set in production"):
        Config.read({**PRODUCTION, "XIAOMA_PREVIEW": str(folder)})
    demo = settings(folder)
    forced = dataclasses.replace(demo, mode="production")
    with pytest.raises(ConfigError, match=r"^XIAOMA_PREVIEW"):
        build_preview(forced)
    with pytest.raises(ConfigError, match=r"^XIAOMA_PREVIEW"):
        build_preview(dataclasses.replace(demo, preview=None))


def test_a_preview_must_be_built_before_it_is_served(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^XIAOMA_PREVIEW: no preview was built"):
        settings(tmp_path)
    with pytest.raises(ConfigError, match=r"^XIAOMA_PERSONAS: "):
        Config.read({"XIAOMA_PERSONAS": str(tmp_path)})
