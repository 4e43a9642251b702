"""The demo's pages: what there is to look at in a browser, and the office's web among it.

Whatever is missing (Node, a package, a mistake in a page) costs that page alone: the lunch and the
server go on, and the reason is printed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from scripts.demo_phones import Phones
from simulators.lunch.children import ChildError, run_to_end
from simulators.lunch.hall import Hall


@dataclass(frozen=True, slots=True)
class Pages:
    """What there is to look at; `till` is "" and `has_office` false where something was missing."""

    phones: Phones
    till: str
    hall: Hall
    has_office: bool


async def build_office(folder: Path, console: Console) -> bool:
    """Build the office's web, unless it was built of the same before; whether it is there."""
    console.print("生成管理网页，首次须装 Node · building the office's web, at first with Node …")
    begun_at = time.monotonic()
    try:
        await run_to_end("office", ["scripts.build_office"], folder)
    except (ChildError, OSError) as error:
        console.print(f"没有管理网页 · no web for the office: {error}", markup=False)
        return False
    console.print(f"管理网页 · office: {time.monotonic() - begun_at:.1f} s")
    return True
