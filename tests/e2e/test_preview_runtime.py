"""The preview itself, shown by a sample that uses every corner of it: what works, what is told."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator

from tests.rig.phone import Phone, new_phone
from tests.rig.preview import PREVIEW, BuildError, build_preview
from tests.tidy.sources import ROOT, paths

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SAMPLE = PREVIEW / "sample"
MEMBER = re.compile(r"\bwx\.(\w+)")
BUILD_SECONDS_MAX = 10.0
"""It takes one second; a machine that is busy with other tests may take some more."""


class Files(SimpleHTTPRequestHandler):
    """Serves a folder, without a word; from file:// a browser tells no page of its own errors."""

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the sample is served."""
    target = tmp_path_factory.mktemp("sample") / "preview"
    build_preview(target, "--source", str(SAMPLE))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(target))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser, url: str) -> Phone:
    return await new_phone(browser, url, "127.0.0.1")


def own(phone: Phone, name: str) -> Locator:
    """The element of this id: glass-easel puts a prefix before it."""
    return phone.page.locator(f'[id$="--{name}"]')


async def log(phone: Phone) -> list[str]:
    return list((await phone.data())["log"])


async def heard(phone: Phone, *lines: str) -> None:
    """Wait until these lines are the last of the sample's journal."""
    await phone.page.wait_for_function(
        "lines => JSON.stringify(window.__preview.page().data.log.slice(-lines.length))"
        " === JSON.stringify(lines)",
        arg=list(lines),
    )


async def test_a_page_lives_as_on_a_phone(phone: Phone) -> None:
    await phone.open("pages/first/index?a=1")
    await heard(phone, "ready 1", "canvas 40")
    begin = ["app launch pages/first/index", "app show", 'load {"a":"1"}', "show"]
    assert await log(phone) == [*begin, "ready 1", "canvas 40"]
    assert await phone.page.title() == "First"
    await phone.page.evaluate("() => { __preview.background(); __preview.foreground(); }")
    await heard(phone, "hide", "app hide", "app show", "show")
    assert await phone.faults() == []


async def test_templates_scripts_and_styles_mean_what_they_mean(phone: Phone) -> None:
    await phone.open()
    page = phone.page.locator("page")
    red = own(phone, "red")
    assert (await red.inner_text()) == "12.34 5 ? Array"
    assert await page.locator(".row").all_inner_texts() == ["rice: 150", "soup: 200"]
    assert await own(phone, "foot").inner_text() == "included"
    assert await red.evaluate("e => getComputedStyle(e).color") == "rgb(255, 0, 0)"
    box = await red.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (187.5, 37.5), "375 rpx are half the screen"
    inside = own(phone, "inside")
    assert await inside.evaluate("e => getComputedStyle(e).color") == "rgb(7, 7, 7)"
    badge = page.locator("my-badge")
    assert await badge.inner_text() == "[ 0 ready]"
    colour = await own(phone, "badge").evaluate("e => getComputedStyle(e).color")
    assert colour == "rgb(1, 2, 3)", "the page's class must not reach into a component"
    border = await badge.evaluate("e => getComputedStyle(e).borderLeftColor")
    assert border == "rgb(0, 0, 9)"
    assert await badge.locator("img").evaluate("e => e.naturalWidth > 0"), "beside the component"
    assert not await own(phone, "hidden").is_visible()
    assert await phone.faults() == []


async def test_fields_and_taps_tell_what_wechat_tells(phone: Phone) -> None:
    await phone.open()
    await heard(phone, "ready 1", "canvas 40")
    await phone.type("typed", "secret")
    await heard(phone, "input secret")
    await phone.find("if").wait_for()
    assert await phone.page.locator("my-badge").inner_text() == "[secret 6 ready]"
    await phone.page.get_by_label("typed").press("Enter")
    await heard(phone, "confirm secret")
    await own(phone, "badge").tap()
    await heard(phone, "badge secret")
    await phone.page.get_by_label("on", exact=True).tap()
    await heard(phone, "switch true")
    await phone.find("choose").tap()
    await phone.page.get_by_role("button", name="soup").tap()
    await heard(phone, "picker 1")
    await phone.find("month").tap()
    await phone.page.locator(".wx-sheet input").fill("2026-03")
    await phone.page.locator(".wx-sheet button").tap()
    await heard(phone, 'month "2026-03"')
    await phone.find("B").tap()
    await heard(phone, 'radio "b"')
    await phone.page.get_by_label("x", exact=True).tap()
    await heard(phone, 'checkbox ["x"]')
    await phone.tap("send")
    await heard(phone, 'submit {"one":"1","two":true}')
    await phone.find("inside").tap()
    await heard(phone, "inside")
    await own(phone, "held").dispatch_event("pointerdown")
    await heard(phone, "held")
    await own(phone, "scroll").evaluate("e => { e.scrollTop = 450 }")
    await heard(phone, "lower")
    assert await phone.faults() == []


async def test_pages_stack_and_their_styles_stay_apart(phone: Phone) -> None:
    await phone.open()
    await phone.page.get_by_role("link", name="second").tap()
    await phone.is_at("pages/second/index")
    assert (await phone.data())["query"] == {"from": "first", "word": "你"}
    plain = own(phone, "plain")
    assert await plain.evaluate("e => getComputedStyle(e).color") == "rgb(0, 255, 0)"
    await phone.page.get_by_role("button", name="返回").tap()
    await phone.is_at("pages/first/index")
    red = own(phone, "red")
    assert await red.evaluate("e => getComputedStyle(e).color") == "rgb(255, 0, 0)"
    await heard(phone, "hide", "show")
    assert await phone.faults() == []


async def test_the_phones_clock_is_its_own(phone: Phone) -> None:
    await phone.open("packages/far/page/index", at=1_800_000_000, skewSeconds=600)
    at = (await phone.data())["at"]
    assert 1_800_000_600_000 <= at < 1_800_000_660_000


@pytest.mark.parametrize(
    "button,told",
    [
        ("invented", "wx.inventedByUs: there is no such member"),
        ("unknown", "wx.createCameraContext: the preview does not know it"),
        ("throw", "thrown on purpose"),
        ("nowhere", 'page "pages/nowhere/index" is not found'),
        ("document", "Cannot set properties of undefined"),
    ],
)
async def test_what_a_phone_would_not_do_is_an_error(phone: Phone, button: str, told: str) -> None:
    await phone.open("pages/second/index")
    assert await own(phone, "globals").inner_text() == " ".join(["undefined"] * 4)
    assert await phone.faults() == []
    await phone.tap(button)
    await phone.page.wait_for_function("() => window.__preview.errors.length > 0")
    assert told in (await phone.faults())[0]


async def test_every_member_the_mini_program_uses_is_on_a_phone_and_here(phone: Phone) -> None:
    await phone.open()
    used = {
        name
        for path in paths()
        if path.startswith("miniprogram/") and path.endswith(".ts") and "/tests/" not in path
        for name in MEMBER.findall((ROOT / path).read_text(encoding="utf-8"))
    }
    known = await phone.page.evaluate("() => window.__preview.members")
    assert len(used) > 30
    assert used - set(known) == set()  # and what is known is in the typings, or it complains
    assert await phone.faults() == []


MISTAKES = {
    "a component that is not there": (
        "pages/first/index.json",
        '{ "usingComponents": { "my-badge": "/parts/badge/index", "x-y": "/parts/none" } }',
        "pages/first/index.json: component <x-y>: /parts/none is not there",
    ),
    "a warning about our own template": (
        "pages/second/index.wxml",
        '<view class="a" class="b">twice</view>',
        "pages/second/index.wxml:1: ",
    ),
    "a template that is not there": (
        "pages/second/index.wxml",
        '<import src="./none.wxml" />',
        "pages/second/none.wxml: is not there",
    ),
    "a picture no phone shows": (
        "pages/second/index.wxss",
        ".a { background: url(/images/dot.svg) }",
        "background: url(/images/dot.svg)",
    ),
    "a style that is not there": (
        "pages/second/index.wxss",
        '@import "./none.wxss";',
        "@import",
    ),
    "a script of a package that may not be loaded": (
        "pages/second/index.ts",
        'import "../../packages/far/page/index"; Page({});',
        "uses packages/far/page/index.ts of package packages/far",
    ),
    "a script that is none": (
        "pages/second/index.ts",
        "Page({",
        "pages/second/index.ts:1: ",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_fails_the_build_and_is_named(mistake: str, tmp_path: Path) -> None:
    name, text, told = MISTAKES[mistake]
    source, target = tmp_path / "sample", tmp_path / "preview"
    shutil.copytree(SAMPLE, source)
    (source / name).write_text(text, encoding="utf-8")
    target.mkdir()
    (target / "kept.txt").write_text("of the last good build")
    with pytest.raises(BuildError) as caught:
        build_preview(target, "--source", str(source))
    assert told in str(caught.value)
    assert (target / "kept.txt").exists()


def test_the_mini_program_builds_quickly_and_without_a_warning(tmp_path: Path) -> None:
    seconds = build_preview(tmp_path / "preview")
    print(f"preview: built in {seconds:.2f} s, Node's own start included")
    assert seconds < BUILD_SECONDS_MAX
