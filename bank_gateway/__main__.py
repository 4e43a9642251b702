"""`python -m bank_gateway`: serve, check a configuration, or take a bank's key into keeping."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import logging
import os
import sys
import time
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from bank_gateway.config import ConfigError, read_config, read_kek, read_settings
from bank_gateway.journal import JournalError
from bank_gateway.keys import KeyBlockError, check_value, join_components, seal_key
from bank_gateway.program import run
from bank_gateway.yaml_files import MistakesError

COMPONENTS = 2


def serve(chosen: argparse.Namespace) -> int:
    """Serve until told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)

    def ready(url: str) -> None:
        print(f"圈存前置 · bank gateway: {url}", flush=True)

    asyncio.run(run(read_config(chosen.config), time.time, ready))
    return 0


def check(chosen: argparse.Namespace) -> int:
    """Read everything the configuration names."""
    config = read_config(chosen.config)
    for bank in config.banks:
        terminals = ", ".join(one.terminal for one in bank.terminals)
        print(f"{bank.profile.bank}: {bank.profile.name.zh} · {bank.profile.name.en}: {terminals}")
    print("配置可用 · this configuration can be used")
    return 0


def keys(chosen: argparse.Namespace) -> int:
    """Take a terminal's master key in two components, or a bank's shared key, and seal it."""
    settings = read_settings(chosen.config)
    folder = chosen.config.parent
    kek = read_kek(folder / settings.kek_file)
    if chosen.terminal:
        name = f"{chosen.bank}.{chosen.terminal}.key"
        parts = [_asked(f"第 {n} 份 · component {n}") for n in range(1, COMPONENTS + 1)]
        key = join_components(tuple(parts))
        print(f"校验值 · check value: {check_value(key).hex().upper()}")
    else:
        name, key = f"{chosen.bank}.shared", _asked("共享密钥 · shared key")
    path = folder / settings.keys / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(seal_key(kek, key, name, os.urandom))
    print(f"已保存 · kept: {path}")
    return 0


def _asked(words: str) -> bytes:
    """Hexadecimal digits from the terminal, or a line of what is piped in."""
    prompt = f"{words} (hex): "
    text = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    try:
        return bytes.fromhex(text.strip())
    except ValueError:
        raise ConfigError(f"{words}: 应为十六进制 · hexadecimal digits are wanted") from None


def main(arguments: list[str]) -> int:
    """Run what was asked for; 2 when a setting, a file or a key cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m bank_gateway", description="圈存前置 · the bank gateway"
    )
    deeds = parser.add_subparsers(required=True)
    for name, deed, words in (
        ("serve", serve, "运行 · serve until told to end"),
        ("check", check, "检查配置、各银行档案与密钥 · check all settings, profiles and keys"),
        ("keys", keys, "录入并加密保存一个银行密钥 · take a bank's key into safe keeping"),
    ):
        part = deeds.add_parser(name, help=words, description=words)
        part.add_argument("--config", type=Path, required=True, help="gateway.yaml")
        part.set_defaults(deed=deed)
        if name == "keys":
            part.add_argument("bank", help="the bank's word in its profile")
            part.add_argument("terminal", nargs="?", default="", help="none: the shared key")
    chosen = parser.parse_args(arguments)
    try:
        status: int = chosen.deed(chosen)
    except (MistakesError, ConfigError, KeyBlockError, JournalError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
