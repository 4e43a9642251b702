"""Follow the hash chain of the audit trail from its beginning; reads only.

    python3 scripts/verify_audit.py --database sqlite://var/xiaoma.sqlite3 --keys var/server.keys

`--known NUMBER:HASH` is an end of the chain that somebody wrote down: by it one finds out that the
newest lines were cut off. Exit status 0: every line is what was sealed; 1: there are findings; 2:
the trail cannot be read.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from rich.console import Console
from tortoise.exceptions import BaseORMException

from backend.domain.sealing import Head
from backend.gateways.vault import FileVault, VaultError
from backend.tables.database import DatabaseUrlError, close_tables, open_tables
from backend.usecases.audits.verify_audits import AuditReport, verify_audits
from scripts.verify_ledger import standing

EXIT_FINDINGS = 1
EXIT_CANNOT = 2
CANNOT = (DatabaseUrlError, VaultError, OSError, BaseORMException, ValueError)
"""What may keep the trail from being read; each says why."""
ALL = 1 << 62


def head_of(text: str) -> Head:
    """Read NUMBER:HASH; ValueError when it is no such thing."""
    number, _, written = text.partition(":")
    return Head(int(number), written)


async def verify(database: str, keys: Path, known: Head | None) -> AuditReport:
    """Verify one database; what is in CANNOT when it cannot be read."""
    vault = FileVault(keys)
    await open_tables(standing(database))
    try:
        now = int(time.time())
        return await verify_audits(vault, after=0, seals_max=ALL, at=now, known=known)
    finally:
        await close_tables()


def main() -> int:
    """Verify and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--keys", required=True, type=Path)
    parser.add_argument("--known", default="")
    asked = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    try:
        known = head_of(asked.known) if asked.known else None
        report = asyncio.run(verify(asked.database, asked.keys, known))
    except CANNOT as error:
        console.print(f"审计记录无法读取 · the trail cannot be read: {error}")
        return EXIT_CANNOT
    for finding in report.findings:
        console.print(f"✗ {finding}")
    console.print(f"{report.lines} 行 · lines，末端 · end {report.end.number}:{report.end.hash}")
    return EXIT_FINDINGS if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
