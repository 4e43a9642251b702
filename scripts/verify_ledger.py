"""Re-add the books from raw rows and follow the hash chain of every lane; reads only.

    python3 scripts/verify_ledger.py --database sqlite://var/xiaoma.sqlite3

Exit status 0: everything agrees; 1: there are findings; 2: the books cannot be read.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

import pymysql
from rich.console import Console

from backend.tables.database import DatabaseUrl, DatabaseUrlError
from backend.tables.store import StoreRefusedError, StoreUnavailableError, make_store
from backend.usecases.ledger.verify_ledger import LedgerReport, verify_ledger

EXIT_FINDINGS = 1
EXIT_CANNOT = 2
CANNOT = (
    DatabaseUrlError,
    StoreUnavailableError,
    StoreRefusedError,
    OSError,
    sqlite3.Error,
    pymysql.MySQLError,
)
"""What may keep the books from being read; each says why."""


def standing(database: str) -> DatabaseUrl:
    """The parsed URL; FileNotFoundError for a SQLite file that opening would only create."""
    url = DatabaseUrl.parse(database)
    if url.engine == "sqlite" and not Path(url.path).is_file():
        message = f"there is no file {url.path}"
        raise FileNotFoundError(message)
    return url


async def verify(database: str, console: Console) -> LedgerReport:
    """Verify one database; StoreUnavailableError or StoreRefusedError when it cannot be read."""
    store = make_store(standing(database))
    try:
        await store.open()
        with console.status("正在核对账簿 · verifying the books"):
            return await verify_ledger(store)
    finally:
        await store.close()


def tell(report: LedgerReport, console: Console) -> None:
    """Print what was found."""
    console.print(
        f"分录 postings {report.postings}, 消费 payments {report.payments},"
        f" 链环 links {report.links}, 余差 residual {report.residual_fen} fen"
    )
    for finding in report.findings:
        console.print(f"不符 · finding: {finding}")
    if report.unnamed:
        console.print(f"另有 {report.unnamed} 处 · and {report.unnamed} more")
    if not report.findings:
        console.print("账簿一致 · the books agree")


def main() -> int:
    """Read the command line, verify, say so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", default=os.environ.get("XIAOMA_DATABASE", ""))
    database = parser.parse_args().database
    console = Console(highlight=False)
    try:
        report = asyncio.run(verify(database, console))
    except CANNOT as error:
        sys.stderr.write(f"无法读取账簿 · the books cannot be read: {error}\n")
        return EXIT_CANNOT
    tell(report, console)
    return EXIT_FINDINGS if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
