"""`python -m simulators.wechat_pay`: WeChat Pay's side of the demo, on loopback."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from pathlib import Path

from simulators.wechat_pay.app import Gateway, build_app
from simulators.wechat_pay.clock import SteeredClock
from simulators.wechat_pay.keys import Merchant, new_key, new_platform, write_files
from simulators.wechat_pay.steering import add_steering

MCHID = "1900000109"
APP_ID = "wx00000000000000de"


def main(arguments: list[str]) -> int:
    """Make a merchant with his key files, and serve until SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m simulators.wechat_pay",
        description="WeChat Pay, API v3, on 127.0.0.1, for one merchant made anew.",
        epilog="Prints the settings of a server that is to use it. Steer it at"
        " /simulator/sheets, payments, clock, faults, keys, notices, orders, refunds, calls."
        " Signatures carry the true time even when the clock is put forward.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--mchid", default=MCHID, help="the merchant's number")
    parser.add_argument("--app-id", default=APP_ID, help="the mini-program's appid")
    parser.add_argument(
        "--folder", type=Path, required=True, help="the merchant's key files go here"
    )
    chosen = parser.parse_args(arguments)
    platform = new_platform(os.urandom, time.time())
    merchant_key, v3_key = new_key(), os.urandom(16).hex().encode()
    serial = os.urandom(20).hex().upper()
    chosen.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = write_files(chosen.folder, merchant_key, v3_key, platform)
    merchant = Merchant(chosen.mchid, (chosen.app_id,), serial, v3_key, merchant_key.public_key())
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", chosen.port))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        gateway = Gateway(
            platform,
            {merchant.mchid: merchant},
            SteeredClock(time.time),
            stamp=time.time,
            randomness=os.urandom,
            url=url,
        )
        app = build_app(gateway)
        add_steering(app, gateway)
        print(f"模拟微信支付 · a WeChat Pay that is none: {url}")
        print(f"XIAOMA_PAY_MCHID={merchant.mchid}")
        print(f"XIAOMA_PAY_SERIAL={serial}")
        print(f"XIAOMA_PAY_KEY_FILE={files.merchant_key}")
        print(f"XIAOMA_PAY_V3_KEY_FILE={files.v3_key}")
        print(
            f"XIAOMA_PAY_PLATFORM_KEYS={platform.key_id}={files.platform_public_key},"
            f"{platform.serial}={files.platform_certificate}"
        )
        print(f"XIAOMA_PAY_URLS={url}", flush=True)
        app.run(sock=listener, single_process=True, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
