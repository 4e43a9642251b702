"""Import a roster: `python3 scripts/import_roster.py roster.csv` (its form: docs/roster.md).

    --dry-run      say what would happen and write nothing
    --good-lines   import the good lines of a file in which some are wrong
    --cards        open a card for each new person
    --database URL another database than XIAOMA_DATABASE

Exit status 0: everything was imported; 1: some or all lines were refused; 2: it could not start.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
import warnings
from contextlib import AsyncExitStack
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backend.config import Config, ConfigError
from backend.domain.access import Actor, Audience, Role
from backend.domain.errors import UnavailableError
from backend.domain.roster import ROSTER_BYTES_MAX, Roster, class_ids_of, read_roster
from backend.opening import open_bus
from backend.tables.books import campus_ids
from backend.tables.database import close_tables, open_tables
from backend.tables.state import UnmigratedError, require_migrated
from backend.usecases.cardholders.import_roster import (
    Choice,
    ImportOptions,
    ImportSummary,
    import_roster,
)
from backend.usecases.rules_board import RulesBoard

ERRORS_SHOWN_MAX = 50
EXIT_REFUSED = 1
EXIT_CANNOT = 2
CONSOLE_ACTOR = Actor(Audience.STAFF, 0, "console", role=Role.ADMIN)

# names and paths are data: rich must not read [brackets] in them as its own marks
console = Console(markup=False, highlight=False)


def main(arguments: list[str]) -> int:
    """Import the file that the command line names."""
    wish = _read_arguments(arguments)
    settings = dict(os.environ)
    if wish.database:
        settings["XIAOMA_DATABASE"] = wish.database
    options = ImportOptions(
        choice=Choice.GOOD if wish.good_lines else Choice.ALL,
        has_cards=wish.cards,
        is_dry_run=wish.dry_run,
    )
    try:
        with wish.file.open("rb") as file:
            raw = file.read(ROSTER_BYTES_MAX + 1)  # one more tells that it is too long
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # nobody listens in this process
            return asyncio.run(_import(Config.read(settings), raw, options))
    except (OSError, ConfigError, UnmigratedError, UnavailableError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CANNOT


def _read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="导入名册 · import a roster (docs/roster.md)")
    parser.add_argument("file", type=Path)
    parser.add_argument("--database", default="")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--good-lines", action="store_true")
    parser.add_argument("--cards", action="store_true")
    return parser.parse_args(arguments)


async def _import(config: Config, raw: bytes, options: ImportOptions) -> int:
    async with AsyncExitStack() as stack:
        await open_tables(config.database)
        stack.push_async_callback(close_tables)
        await require_migrated()
        bus = await open_bus(config, stack)
        board = RulesBoard()
        await board.refresh()
        roster = read_roster(raw, class_ids_of(board.bundle.classes), await campus_ids())
        columns = (
            TextColumn("导入 · importing"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task("", total=len(roster.lines))
            begun_at = time.monotonic()
            summary = await import_roster(
                roster,
                options,
                rules=board.bundle,
                actor=CONSOLE_ACTOR,
                at=int(time.time()),
                randomness=os.urandom,
                bus=bus,
                on_progress=lambda lines: progress.advance(bar, lines),
            )
        _tell(roster, summary, time.monotonic() - begun_at)
    return EXIT_REFUSED if roster.errors_found else 0


def _tell(roster: Roster, summary: ImportSummary, seconds: float) -> None:
    for error in roster.errors[:ERRORS_SHOWN_MAX]:
        place = f"{error.line}, {error.column or '-'}"
        console.print(f"{place}, {error.sentence('zh')} · {error.sentence('en')}")
    left = roster.errors_found - min(len(roster.errors), ERRORS_SHOWN_MAX)
    if left:
        console.print(f"还有 {left} 处错误 · {left} more errors")
    written = "已写入 · written" if summary.is_written else "没有写入 · nothing written"
    console.print(
        f"新增 added {summary.added}, 变更 changed {summary.changed}, "
        f"不变 unchanged {summary.unchanged}, 开卡 cards {summary.cards}, "
        f"拒绝 refused {summary.refused}, {seconds:.1f} s — {written}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
