"""The project's own files, as the tidy checks see them."""

import ast
import functools
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "backend",
    "bank_gateway",
    "benchmarks",
    "campus_code",
    "qr_terminals",
    "scripts",
    "simulators",
    "tests",
)
MIGRATIONS = "backend/migrations/"  # written by a tool and read by a tool


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, and its text."""

    path: str
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, self.path)

    @functools.cached_property
    def _walked(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the file."""
        return iter(self._walked)

    def at(self, node: ast.AST, sentence: str) -> str:
        """Return a finding that an editor can jump to."""
        return f"{self.path}:{getattr(node, 'lineno', 1)} {sentence}"


type_check = Callable[[Source], list[str]]


@functools.cache
def paths() -> tuple[str, ...]:
    """Return every file that is tracked or would be, from the root; deleted ones left out."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others"]
    done = subprocess.run(
        [*command, "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    names = sorted(set(done.stdout.split("\0")) - {""})
    return tuple(name for name in names if (ROOT / name).is_file())


@functools.cache
def sources() -> tuple[Source, ...]:
    """Return our Python files."""
    return tuple(
        Source(path, (ROOT / path).read_text(encoding="utf-8"))
        for path in paths()
        if path.endswith(".py")
    )


def findings(check: type_check, *, but: tuple[str, ...] = ()) -> list[str]:
    """Return what a check finds in all our files, except under the paths in `but`."""
    return [
        finding
        for source in sources()
        if not (but and source.path.startswith(but))
        for finding in check(source)
    ]


def nothing(found: list[str]) -> None:
    """Fail naming every finding, a line each."""
    assert not found, "\n" + "\n".join(found)


def sample(text: str, path: str = "backend/usecases/cards/sample.py") -> Source:
    """Return a source for the checks' own tests: a check that cannot fail proves nothing."""
    return Source(path, text)
