"""Play one lunch against a running, freshly seeded server, or read its books once more.

    python3 scripts/simulate_lunch.py var/demo --server http://127.0.0.1:8700 --database sqlite:///…
    python3 scripts/simulate_lunch.py var/demo --database sqlite:///… --books

`scripts/run.py` does all of it, server included, in one command. Exit status 0: every figure holds.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from rich.console import Console

from simulators.lunch.books import Books
from simulators.lunch.picture import save_books
from simulators.lunch.play import Setting, play_lunch, read_again, read_rules
from simulators.lunch.report import print_books
from simulators.lunch.rows import read_rows

RULES = Path(__file__).resolve().parents[1] / "simulators" / "campus_rules.json"
PEOPLE = 220
CONSOLE_WIDTH = 110


def make_console() -> Console:
    """The console of both programs; wide enough for two languages where there is no screen."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=CONSOLE_WIDTH)


def conclude(books: Books) -> int:
    """Print the last line; the exit status."""
    sys.stdout.flush()
    print(books.last_line, flush=True)
    return 0 if books.is_sound else 1


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="simulate_lunch", description="演一顿午饭 · play one lunch"
    )
    parser.add_argument("folder", type=Path, help="seeded by scripts/seed.py")
    parser.add_argument("--server", default="http://127.0.0.1:8700")
    parser.add_argument("--database", required=True, help="the server's own, only read")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--books", action="store_true", help="only read the books once more")
    parser.add_argument("--picture", type=Path, help="with --books: save them as an SVG too")
    told = parser.parse_args(words)
    console = make_console()
    rules = read_rules(RULES)
    if told.books:
        books = read_again(told.folder, told.database, rules)
        raws = read_rows(told.database)
        print_books(console, books, raws)
        if told.picture:
            save_books(told.picture, books, raws)
        return conclude(books)
    setting = Setting(told.folder, told.server, told.database, told.people, told.seed, rules)
    return conclude(asyncio.run(play_lunch(setting, console)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
