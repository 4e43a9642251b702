"""The demo's phones: the mini-program in a browser, a WeChat with its Pay, and people to hold it.

Whatever is missing (Node, a package, a mistake in the mini-program) costs the preview alone: the
lunch and the server go on, and the reason is printed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console

from simulators.lunch.children import Child, ChildError, run_to_end
from simulators.wechat.partner import TEMPLATE_SETTINGS

APP_ID = "wx00000000000000de"
BUILD = ["scripts.build_preview", "--target"]
SIMULATOR_SECONDS = 20.0
SIMULATOR_URL = re.compile(r"http://127\.0\.0\.1:\d+")
PAY_SETTING = re.compile(r"^(XIAOMA_PAY_\w+)=(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Phones:
    """What the server is told of them; nothing when there is no preview."""

    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def are_there(self) -> bool:
        """Whether there is a preview to look at."""
        return bool(self.environ)


@contextlib.asynccontextmanager
async def open_phones(folder: Path, console: Console) -> AsyncIterator[Phones]:
    """Build the preview into a demo's folder and run a WeChat beside it; ends with the block."""
    try:
        await _build(folder, console)
    except (ChildError, OSError) as error:
        _say_why(console, error)
        yield Phones()
        return
    secret_file = folder / "wechat.secret"
    _write_secret(secret_file)
    words = ["simulators.wechat", "--port", "0", "--app-id", APP_ID]
    simulator = Child("wechat", [*words, "--secret-file", str(secret_file)], folder)
    words = ["simulators.wechat_pay", "--port", "0", "--app-id", APP_ID]
    pay = Child("wechat_pay", [*words, "--folder", str(folder / "pay")], folder)
    try:
        try:
            url = await _start(simulator, "messages")
            pay_url = await _start(pay, "clock")
        except (ChildError, OSError) as error:
            _say_why(console, error)
            yield Phones()
            return
        console.print(f"模拟微信支付 · a WeChat Pay that is none: {pay_url}")
        yield Phones(
            {
                **dict(PAY_SETTING.findall(pay.said)),
                "XIAOMA_PREVIEW": str(folder / "preview"),
                "XIAOMA_PERSONAS": str(folder / "personas.json"),
                "XIAOMA_WECHAT_APP_ID": APP_ID,
                "XIAOMA_WECHAT_SECRET_FILE": str(secret_file),
                "XIAOMA_WECHAT_URL": url,
                **TEMPLATE_SETTINGS,
            }
        )
    finally:
        await pay.stop()
        await simulator.stop()


async def seed_people(database: str, folder: Path, seed: int, console: Console) -> None:
    """Pick the demo's people, once the lunch is eaten. A fault is told and stops nothing."""
    words = ["scripts.seed_personas", database, "--folder", str(folder), "--seed", str(seed)]
    try:
        await run_to_end("personas", words, folder)
    except (ChildError, OSError) as error:
        console.print(f"没有演示人物 · no personas: {error}", markup=False)


async def _build(folder: Path, console: Console) -> None:
    console.print(
        "生成手机预览，首次须装 Node · building the phones' preview, at first with Node …"
    )
    begun_at = time.monotonic()
    await run_to_end("preview", [*BUILD, str(folder / "preview")], folder)
    console.print(f"预览 · preview: {time.monotonic() - begun_at:.1f} s")


def _say_why(console: Console, error: Exception) -> None:
    console.print(f"没有手机预览 · no preview of the phones: {error}", markup=False)


def _write_secret(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(16))


async def _start(simulator: Child, steer: str) -> str:
    """Start a simulator and ask one of its steering addresses; where it listens, by its word."""
    await simulator.start(is_piped=False)
    deadline = time.monotonic() + SIMULATOR_SECONDS
    async with httpx.AsyncClient(trust_env=False) as http:
        while not simulator.has_ended and time.monotonic() < deadline:
            found = SIMULATOR_URL.search(simulator.said)
            if found:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(f"{found[0]}/simulator/{steer}")).is_success:
                        return found[0]
            await asyncio.sleep(0.1)
    raise simulator.complain("没有启动 · did not start")
