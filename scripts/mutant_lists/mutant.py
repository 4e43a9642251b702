"""One guard and what the source looks like without it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """`source` stands once in `file`; with `replacement` in its place one of `tests` must fail.

    `tests` are pytest node ids. `why` says what would break; where it is empty, the first test's
    own name says it.
    """

    file: str
    source: str
    replacement: str
    tests: tuple[str, ...]
    why: str = ""

    def __str__(self) -> str:
        """The file and the guard's first line."""
        return f"{self.file}: {self.source.strip().splitlines()[0]}"

    @property
    def breaks(self) -> str:
        """What would no longer hold."""
        if self.why:
            return self.why
        name = self.tests[0].partition("::")[2].partition("[")[0]
        return f"no longer: {name.removeprefix('test_').replace('_', ' ')}"


def off(file: str, guard: str, test: str, why: str = "") -> Mutant:
    """A guard `if …:` that never acts."""
    return Mutant(file, guard, "if False:", (test,), why)
