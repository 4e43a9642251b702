"""`python3 benchmarks/notices.py [--json]`: how fast paid top-ups are credited, as a ratio.

Notices as WeChat Pay sends them, each of an order of its own, come over HTTP to the real server (2
workers on MariaDB with durable commits, 1 on SQLite) and are answered when the money stands. Beside
it, in turns: verification alone, the very same notices read by one process that does nothing else
(headers, time, RSA-2048, AES-GCM, fields).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.domain.wechat_pay_account import PAYMENT_NOTICES, WechatPayAccount
from backend.gateways.wechat_pay_notice import Notices
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.store import make_store
from backend.tables.top_up import TopUpRow
from backend.tables.wechat import WechatRow
from backend.usecases.ledger.verify_ledger import verify_ledger
from benchmarks.campus import make_campus
from benchmarks.figures import load_average, ratio_of, tell
from benchmarks.load import LoadResult, run_load
from benchmarks.serving import MARIADB, SERVER, Setting, serving
from simulators.databases import PrivateMariaDB, PrivateRedis
from simulators.wechat_pay.clock import rfc3339
from simulators.wechat_pay.keys import Platform, encrypt, new_key, new_platform, write_files

IN_FLIGHT = 50
NOTICES = 2_000
"""Notices of one round; each credits an order of its own."""
WARM_UP = 200
ROUNDS = 3
FEN = 5_000
MCHID, APP_ID, OPENID = "1900000109", "wx00000000000000be", "o-benchmark"
V3_KEY = b"a-key-of-32-bytes-for-benchmarks"
ROWS_PER_STATEMENT = 1_000


@dataclass(frozen=True, slots=True)
class Partner:
    """WeChat Pay's keys, and the account that believes them."""

    platform: Platform
    account: WechatPayAccount

    @classmethod
    def make(cls, folder: Path) -> Partner:
        """Make both; the server is told by its environment."""
        platform = new_platform(os.urandom, time.time())
        files = write_files(folder, new_key(), V3_KEY, platform)
        environment = {
            "XIAOMA_WECHAT_APP_ID": APP_ID,
            "XIAOMA_WECHAT_SECRET_FILE": str(_secret(folder)),
            "XIAOMA_PUBLIC_URL": "http://127.0.0.1:1",
            "XIAOMA_PAY_MCHID": MCHID,
            "XIAOMA_PAY_SERIAL": "5157F09EFDC096DE15EBE81A47057A72A7B5A1F1",
            "XIAOMA_PAY_KEY_FILE": str(files.merchant_key),
            "XIAOMA_PAY_V3_KEY_FILE": str(files.v3_key),
            "XIAOMA_PAY_PLATFORM_KEYS": f"{platform.key_id}={files.platform_public_key}",
            "XIAOMA_PAY_URLS": "http://127.0.0.1:1",
        }
        os.environ.update(environment)
        account = WechatPayAccount.read(environment)
        assert account is not None
        return cls(platform, account)

    def notice(self, number: str) -> tuple[dict[str, str], bytes]:
        """One payment notice: its headers and its body."""
        now = time.time()
        paid = {
            "appid": APP_ID,
            "mchid": MCHID,
            "out_trade_no": number,
            "transaction_id": f"42{number[2:]}",
            "trade_type": "JSAPI",
            "trade_state": "SUCCESS",
            "bank_type": "OTHERS",
            "success_time": rfc3339(now),
            "payer": {"openid": OPENID},
            "amount": {
                "total": FEN,
                "payer_total": FEN,
                "currency": "CNY",
                "payer_currency": "CNY",
            },
        }
        plain = json.dumps(paid, ensure_ascii=False).encode()
        resource = {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": encrypt(V3_KEY, plain, "0123456789ab", "transaction"),
            "associated_data": "transaction",
            "nonce": "0123456789ab",
        }
        body = json.dumps(
            {
                "id": number,
                "create_time": rfc3339(now),
                "resource_type": "encrypt-resource",
                "event_type": "TRANSACTION.SUCCESS",
                "resource": resource,
            }
        ).encode()
        return self.platform.headers(body, now, number), body


def _secret(folder: Path) -> Path:
    path = folder / "appsecret"
    path.touch(mode=0o600)
    path.write_text("none", encoding="utf-8")
    return path


@dataclass(slots=True)
class Rates:
    """Per second, a value a round."""

    ours: list[float] = field(default_factory=list)
    verified: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    not_taken: int = 0


async def make_orders(url: DatabaseUrl, numbers: list[str]) -> None:
    """An order for each number, holders in turn."""
    await open_tables(url)
    try:
        now = int(time.time())
        wechat = await WechatRow.create(
            openid_hash=token_hash(OPENID), sealed_openid="x", first_seen_at=utc(now)
        )
        holders = [row.id for row in await CardholderRow.all().only("id")]
        rows = [
            TopUpRow(
                out_trade_no=number,
                request_key=number,
                holder_id=holders[place % len(holders)],
                payer="student:1",
                wechat_id=wechat.id,
                app_id=APP_ID,
                mchid=MCHID,
                amount_fen=FEN,
                state="pending",
                started_at=now,
                expires_at=now + 1800,
            )
            for place, number in enumerate(numbers)
        ]
        await TopUpRow.bulk_create(rows, batch_size=ROWS_PER_STATEMENT)
    finally:
        await close_tables()


def verify_alone(partner: Partner, notices: list[tuple[dict[str, str], bytes]]) -> float:
    """Notices a second that one process reads and believes, doing nothing else."""
    reader = Notices.read_keys(partner.account, time.time)
    began = time.perf_counter()
    for headers, body in notices:
        reader.payment(headers.items(), body)
    return len(notices) / (time.perf_counter() - began)


def credit(port: int, notices: list[tuple[dict[str, str], bytes]]) -> LoadResult:
    """Bring every notice over HTTP, IN_FLIGHT at a time."""
    requests = [_request(headers, body) for headers, body in notices]
    return run_load(port, [requests[place::IN_FLIGHT] for place in range(IN_FLIGHT)])


def _request(headers: dict[str, str], body: bytes) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {PAYMENT_NOTICES} HTTP/1.1\r\nhost: x\r\n{lines}content-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def run_rounds(partner: Partner, setting: Setting, numbers: list[str], per_round: int) -> Rates:
    """Both in turns, so that a noisy minute falls on both."""
    rates = Rates()
    left = iter(numbers)
    with serving(SERVER, setting) as port:
        credit(port, [partner.notice(next(left)) for _ in range(WARM_UP)])
        for _ in range(ROUNDS):
            notices = [partner.notice(next(left)) for _ in range(per_round)]
            rates.verified.append(verify_alone(partner, notices))
            ours = credit(port, notices)
            rates.ours.append(ours.per_second)
            rates.p50_ms.append(ours.percentile_ms(0.5))
            rates.p99_ms.append(ours.percentile_ms(0.99))
            rates.not_taken += sum(body != b"" for body in ours.bodies)
    return rates


async def audit(url: DatabaseUrl, wanted_fen: int) -> list[str]:
    """What is wrong with the books, or with what was credited, after all notices."""
    store = make_store(url)
    await store.open()
    try:
        report = await verify_ledger(store)
        (lots,) = await store.read(["SELECT COALESCE(SUM(amount_fen),0) FROM lot"])
    finally:
        await store.close()
    credited_fen = int(lots[0][0])
    wrong = [] if credited_fen == wanted_fen else [f"credited {credited_fen}, not {wanted_fen} fen"]
    return [*report.findings, *wrong]


def measure(partner: Partner, setting: Setting, folder: Path, scale: float) -> dict[str, object]:
    """All figures of one engine."""
    per_round = max(int(NOTICES * scale), IN_FLIGHT) // IN_FLIGHT * IN_FLIGHT
    total = WARM_UP + ROUNDS * per_round
    url = DatabaseUrl.parse(setting.database)
    asyncio.run(make_campus(url, folder, cards=per_round, tills=1, now=time.time()))
    numbers = [f"tu{place:024}" for place in range(total)]
    asyncio.run(make_orders(url, numbers))
    rates = run_rounds(partner, setting, numbers, per_round)
    return {
        "engine": url.engine,
        "workers": setting.workers,
        "load_average": load_average(),
        "notices_per_second": round(statistics.median(rates.ours)),
        "p50_ms": round(statistics.median(rates.p50_ms), 1),
        "p99_ms": round(statistics.median(rates.p99_ms), 1),
        "verified_per_second": round(statistics.median(rates.verified)),
        "ratio_to_verification": ratio_of(rates.ours, rates.verified),
        "not_taken": rates.not_taken,
        "findings": asyncio.run(audit(url, total * FEN)),
    }


def main() -> int:
    """Run on both engines and print the figures; 1 when the books do not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object for each engine")
    parser.add_argument("--engine", choices=("mysql", "sqlite"), help="only this one")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual notices")
    asked = parser.parse_args()
    is_right = True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xm-notices-")))
        partner = Partner.make(folder)
        settings = []
        if asked.engine != "sqlite":
            mariadb = stack.enter_context(PrivateMariaDB(options=MARIADB))
            redis = stack.enter_context(PrivateRedis())
            database = mariadb.fresh_database("notices")
            settings.append(Setting(database, folder / "m/server.keys", 2, redis.url))
        if asked.engine != "mysql":
            database = f"sqlite://{folder}/s.sqlite3"
            settings.append(Setting(database, folder / "s/server.keys", 1, ""))
        for setting in settings:
            setting.key_file.parent.mkdir()
            figures = measure(partner, setting, setting.key_file.parent, asked.scale)
            tell(figures, as_json=asked.json)
            is_right = is_right and not (figures["findings"] or figures["not_taken"])
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
