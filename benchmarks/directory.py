"""`python3 benchmarks/directory.py [--json] [--cards N]`: what a card directory costs.

The first sync of a terminal with N cards (50,000), the same for the next terminal, a day's delta,
and a lookup; through the real queries, packing and signing, on SQLite and on MariaDB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from backend.domain.times import utc
from backend.gateways.vault import FileVault
from backend.migrate import migrate
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables, transaction
from backend.tables.versions import DIRECTORY, next_version, read_versions
from backend.usecases.document_shelf import DocumentShelf, Paper
from campus_code import CardDirectory, card_number, open_document
from simulators.databases import PrivateMariaDB

CARDS = 50_000
CHANGED = 200
"""Cards that change on a busy day: lost, found, bound to another phone."""
LOOKUPS = 100_000
ROWS_A_STATEMENT = 5_000

Answer = TypeVar("Answer")


async def fill(cards: int) -> None:
    """N cardholders with a card each."""
    at = utc(time.time())
    for first in range(1, cards + 1, ROWS_A_STATEMENT):
        numbers = range(first, min(first + ROWS_A_STATEMENT, cards + 1))
        async with transaction():
            version = await next_version(DIRECTORY)
            await CardholderRow.bulk_create(
                [
                    CardholderRow(
                        id=n, number=f"S{n:06}", name="持卡人", class_id=n % 3, created_at=at
                    )
                    for n in numbers
                ]
            )
            await CardRow.bulk_create(
                [
                    CardRow(
                        id=n,
                        number=card_number(n * 17),
                        holder_id=n,
                        issue=1,
                        offline_limit_fen=5000,
                        changed_version=version,
                        opened_at=at,
                    )
                    for n in numbers
                ]
            )


async def change(cards: int, how_many: int) -> None:
    """Some cards get another issue, one transaction each."""
    for n in range(1, how_many + 1):
        async with transaction():
            row = await CardRow.select_for_update().get(id=n * (cards // how_many))
            row.issue += 1
            row.changed_version = await next_version(DIRECTORY)
            await row.save()


async def timed(make: Callable[[], Awaitable[Answer]]) -> tuple[float, Answer]:
    """Milliseconds and the answer."""
    began = time.perf_counter()
    answer = await make()
    return (time.perf_counter() - began) * 1000, answer


async def measure(url: str, folder: Path, cards: int) -> dict[str, Any]:
    """Every figure on one database."""
    vault = FileVault.make(folder / secrets.token_hex(4))
    await open_tables(DatabaseUrl.parse(url))
    try:
        await fill(cards)
        shelf = DocumentShelf(vault, time.time)

        async def papers(since: int) -> list[Paper]:
            return await shelf.directory(since, (await read_versions()).directory)

        first_ms, whole = await timed(lambda: papers(0))
        next_ms, _ = await timed(lambda: papers(0))
        held = CardDirectory()
        began = time.perf_counter()
        for paper in whole:
            document = open_document(paper.raw, paper.kind, vault.public_key())
            held = held.apply(document.payload, document.version)
        taken_ms = (time.perf_counter() - began) * 1000
        await change(cards, CHANGED)
        delta_ms, delta = await timed(lambda: papers(held.version))
        document = open_document(delta[0].raw, delta[0].kind, vault.public_key())
        began = time.perf_counter()
        held = held.apply(document.payload, document.version)
        delta_taken_ms = (time.perf_counter() - began) * 1000
        late_ms, late = await timed(lambda: papers(0))
    finally:
        await close_tables()
    numbers = [card_number(n * 17) for n in range(1, cards + 1)]
    began = time.perf_counter()
    for n in range(LOOKUPS):
        found = held.find(numbers[n % cards])
        assert found is not None
    return {
        "cards": len(held),
        "first_sync_bytes": sum(len(paper.raw) for paper in whole),
        "first_sync_made_ms": round(first_ms, 1),
        "next_terminal_made_ms": round(next_ms, 2),
        "first_sync_taken_ms": round(taken_ms, 1),
        "changed": CHANGED,
        "delta_bytes": len(delta[0].raw),
        "delta_made_ms": round(delta_ms, 1),
        "delta_taken_ms": round(delta_taken_ms, 1),
        "late_terminal_documents": len(late),
        "late_terminal_made_ms": round(late_ms, 1),
        "lookups_per_second": round(LOOKUPS / (time.perf_counter() - began)),
    }


def main() -> int:
    """Measure on both engines and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--cards", type=int, default=CARDS, help=f"cards ({CARDS})")
    chosen = parser.parse_args()
    figures: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as name, PrivateMariaDB() as mariadb:
        folder = Path(name)
        urls = {
            "sqlite": f"sqlite://{folder / 'directory.sqlite3'}",
            "mariadb": mariadb.fresh_database("directory"),
        }
        for engine, url in urls.items():
            asyncio.run(migrate(DatabaseUrl.parse(url)))
            figures[engine] = asyncio.run(measure(url, folder, chosen.cards))
    if chosen.json:
        print(json.dumps(figures))
        return 0
    for engine, measured in figures.items():
        print(engine)
        for word, figure in measured.items():
            print(f"  {word:26} {figure:>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
