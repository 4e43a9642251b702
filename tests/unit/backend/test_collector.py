"""What a server process does about garbage once it is up."""

from __future__ import annotations

import gc

from backend.server import GARBAGE_AFTER, calm_collector


async def test_the_collector_leaves_the_start_alone_and_looks_less_often() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        await calm_collector(None)
        assert gc.isenabled()
        assert gc.get_threshold() == (GARBAGE_AFTER, *before[1:])
        assert gc.get_freeze_count() > frozen
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
