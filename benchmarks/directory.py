"""`python3 benchmarks/directory.py [--json] [--cards N]`: what a card directory costs.

The first sync of a terminal with N cards (50,000), the same for the next terminal, a day's delta,
and a lookup; through the real queries, packing and signing, on SQLite and on MariaDB. Beside it in
the same run what anybody would do first: the same entries as JSON (orjson), and that compressed
(zlib): made from the same rows, read into a dict, looked up there.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import sys
import tempfile
import time
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

import orjson

from backend.domain.times import utc
from backend.gateways.vault import FileVault
from backend.migrate import migrate
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables, transaction
from backend.tables.holdings import cards_after
from backend.tables.versions import DIRECTORY, next_version, read_versions
from backend.usecases.document_shelf import DocumentShelf, Paper
from benchmarks.figures import Spread, load_average, tell
from campus_code import CardDirectory, CardEntry, card_number, open_document
from simulators.databases import PrivateMariaDB

CARDS = 50_000
CHANGED = 200
"""Cards that change on a busy day: lost, found, bound to another phone."""
LOOKUPS = 100_000
ROUNDS = 5
ROWS_A_STATEMENT = 5_000

Answer = TypeVar("Answer")


def numbers_of(cards: int) -> list[str]:
    """Card numbers without a pattern, as a school gives them out; the same in every run."""
    return [card_number(n) for n in random.Random(1).sample(range(10**7), cards)]


async def fill(cards: int) -> None:
    """N cardholders with a card each."""
    at = utc(time.time())
    names = numbers_of(cards)
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
                        number=names[n - 1],
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


def as_json(entries: Sequence[CardEntry]) -> bytes:
    """The same entries the usual way; short keys would not help, so there are none."""
    return orjson.dumps(
        [
            (one.card_number, one.issue, int(one.state), one.class_id, one.offline_limit_fen)
            for one in entries
        ]
    )


async def measure(url: str, folder: Path, cards: int) -> dict[str, Any]:
    """Every figure on one database."""
    vault = FileVault.make(folder / secrets.token_hex(4))
    await open_tables(DatabaseUrl.parse(url))
    try:
        await fill(cards)
        shelf, whole, packed, made = await make(vault)
        next_ms, _ = await timed(partial(papers, shelf, 0))
        held, taken = take(whole, packed, vault)
        await change(cards, CHANGED)
        delta_ms, delta = await timed(partial(papers, shelf, held.version))
        changed = as_json(await cards_after(held.version))
        began = time.perf_counter()
        document = open_document(delta[0].raw, delta[0].kind, vault.public_key())
        held = held.apply(document.payload, document.version)
        delta_taken_ms = (time.perf_counter() - began) * 1000
        late_ms, late = await timed(partial(papers, shelf, 0))
    finally:
        await close_tables()
    first_bytes = sum(len(paper.raw) for paper in whole)
    plain = zlib.decompress(packed)
    return {
        "cards": len(held),
        "first_sync_bytes": first_bytes,
        "first_sync_zlib_bytes": sum(len(zlib.compress(paper.raw)) for paper in whole),
        "json_bytes": len(plain),
        "json_zlib_bytes": len(packed),
        "bytes_ratio_to_json": round(first_bytes / len(plain), 3),
        "bytes_ratio_to_json_zlib": round(first_bytes / len(packed), 3),
        "first_sync_made_ms": Spread.of(made["ours"]).told(1),
        "made_ratio_to_json_zlib": ratios(made["ours"], made["json"]),
        "next_terminal_made_ms": round(next_ms, 2),
        "first_sync_taken_ms": Spread.of(taken["ours"]).told(1),
        "taken_ratio_to_json_zlib": ratios(taken["ours"], taken["json"]),
        "changed": CHANGED,
        "delta_bytes": len(delta[0].raw),
        "delta_bytes_ratio_to_json": round(len(delta[0].raw) / len(changed), 3),
        "delta_made_ms": round(delta_ms, 1),
        "delta_taken_ms": round(delta_taken_ms, 1),
        "late_terminal_documents": len(late),
        "late_terminal_made_ms": round(late_ms, 1),
        **look_up(held, cards),
    }


async def make(
    vault: FileVault,
) -> tuple[DocumentShelf, list[Paper], bytes, dict[str, list[float]]]:
    """The first sync made anew each round, in turns with the JSON of the same rows."""
    shelf, whole, packed = DocumentShelf(vault, time.time), list[Paper](), b""
    made: dict[str, list[float]] = {"ours": [], "json": []}
    for _ in range(ROUNDS):
        shelf = DocumentShelf(vault, time.time)
        first_ms, whole = await timed(partial(papers, shelf, 0))
        made["ours"].append(first_ms)
        json_ms, packed = await timed(packed_json)
        made["json"].append(json_ms)
    return shelf, whole, packed, made


async def papers(shelf: DocumentShelf, since: int) -> list[Paper]:
    """What the server would send to a terminal that holds version `since`."""
    return await shelf.directory(since, (await read_versions()).directory)


async def packed_json() -> bytes:
    """The usual way, from the same rows."""
    return zlib.compress(as_json(await cards_after(0)))


def take(
    whole: Sequence[Paper], packed: bytes, vault: FileVault
) -> tuple[CardDirectory, dict[str, list[float]]]:
    """What a terminal does with a first sync, in turns with reading the JSON into a dict.

    Ours checks the signature and every entry; the JSON is believed as it stands.
    """
    taken: dict[str, list[float]] = {"ours": [], "json": []}
    held = CardDirectory()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        held = CardDirectory()
        for paper in whole:
            document = open_document(paper.raw, paper.kind, vault.public_key())
            held = held.apply(document.payload, document.version)
        taken["ours"].append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        known = {row[0]: row for row in orjson.loads(zlib.decompress(packed))}
        taken["json"].append((time.perf_counter() - began) * 1000)
        assert len(known) == len(held)
    return held, taken


def look_up(held: CardDirectory, cards: int) -> dict[str, Any]:
    """Lookups per second, in turns with a dict of objects; and what each takes of memory."""
    numbers = numbers_of(cards)
    rates: dict[str, list[float]] = {"ours": [], "dict": []}
    tracemalloc.start()
    objects = {one.card_number: one for one in held}
    dict_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    finds: dict[str, Callable[[str], CardEntry | None]] = {"ours": held.find, "dict": objects.get}
    for _ in range(ROUNDS):
        for name, find in finds.items():
            began = time.perf_counter()
            for n in range(LOOKUPS):
                assert find(numbers[n % cards]) is not None
            rates[name].append(LOOKUPS / (time.perf_counter() - began))
    return {
        "lookups_per_second": Spread.of(rates["ours"]).told(0),
        "lookup_ratio_to_dict": ratios(rates["ours"], rates["dict"]),
        "dict_of_objects_bytes": dict_bytes,
    }


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """The ratio of each round."""
    return Spread.of([one / other for one, other in zip(ours, theirs, strict=True)]).told(3)


def main() -> int:
    """Measure on both engines and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--cards", type=int, default=CARDS, help=f"cards ({CARDS})")
    parser.add_argument("--scale", type=float, default=1.0, help="share of these cards")
    chosen = parser.parse_args()
    cards = max(int(chosen.cards * chosen.scale), CHANGED)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name, PrivateMariaDB() as mariadb:
        folder = Path(name)
        urls = {
            "sqlite": f"sqlite://{folder / 'directory.sqlite3'}",
            "mariadb": mariadb.fresh_database("directory"),
        }
        for engine, url in urls.items():
            asyncio.run(migrate(DatabaseUrl.parse(url)))
            figures[engine] = asyncio.run(measure(url, folder, cards))
    figures["load_average"] = load_average()
    tell(figures, as_json=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
