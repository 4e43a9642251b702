"""Power cuts while a journal is written: what was shown is there, whatever the disk kept (F6)."""

from __future__ import annotations

from pathlib import Path

from tests.rig.power import SECTOR_BYTES, Disk, Step, cuts
from tests.terminals.attacks import keeps

CUTS = 600
SEED = 1
RECORDS = 30


def test_whatever_a_power_cut_leaves_holds_all_that_was_shown(quick_path: Path) -> None:
    seen: set[int] = set()
    for shown, path in cuts(quick_path, CUTS, SEED, RECORDS):
        assert keeps(path, shown), f"cut {len(seen)}, {shown} shown"
        seen.add(shown)
    assert len(seen) > RECORDS // 2


def test_a_journal_that_is_shown_before_it_is_durable_is_caught(quick_path: Path) -> None:
    """The test can fail: one that counts a payment as shown a moment early does not pass."""
    early = [keeps(path, shown + 1) for shown, path in cuts(quick_path, CUTS // 4, SEED, RECORDS)]
    assert not all(early)


def test_what_a_disk_may_keep() -> None:
    disk = Disk({"a": b"old"})
    disk.take(Step("write", "a", 0, b"new"))
    disk.take(Step("sync", "a"))
    disk.take(Step("write", "a", 3, bytes(2 * SECTOR_BYTES)))
    assert disk.durable["a"] == b"new"
    disk.take(Step("cut", "a", 1))
    disk.take(Step("sync", "a"))
    assert disk.durable["a"] == b"n"
