"""`python -m simulators.wechat`: WeChat's side of the demo, on loopback."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from pathlib import Path

from simulators.wechat.app import build_app
from simulators.wechat.partner import TEMPLATES, Partner


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m simulators.wechat",
        description="WeChat on 127.0.0.1: login, phone number, subscribe messages.",
        epilog="Steer it at /simulator/login-codes, phone-codes, acceptances, messages, calls,"
        f" tokens, faults. Templates: {', '.join(TEMPLATES)}.",
    )
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--app-id", default="wx00000000000000de", help="the mini-program's appid")
    secret = parser.add_mutually_exclusive_group(required=True)
    secret.add_argument("--secret", help="its secret; other users of this machine see it")
    secret.add_argument("--secret-file", type=Path, help="the file its secret is in")
    chosen = parser.parse_args(arguments)
    word = chosen.secret or chosen.secret_file.read_text(encoding="utf-8").strip()
    partner = Partner(chosen.app_id, word, time.time, os.urandom)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", chosen.port))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        print(f"模拟微信 · a WeChat that is none: {url}", flush=True)
        build_app(partner).run(sock=listener, single_process=True, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
