"""What is shown again, made up, or of a retired form is not taken (Q1, Q5, Q6, Q10, Q14)."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campus_code import (
    EpochKey,
    Keyring,
    RefusedError,
    ShapeError,
    Window,
    issue_code,
    phone_secrets,
    verify_code,
)
from campus_code.limits import AT_MAX
from qr_terminals.readers import Scan
from tests.terminals.attacks import downgrades, forgeries, replays
from tests.terminals.bench import Rig
from tests.terminals.campus import Campus, card

REPLAYS = 10_000
FORGERIES = 100_000
SEED = 20_260_101


def test_no_code_that_paid_is_taken_again_also_after_restarts(quick_path: Path) -> None:
    tried = list(replays(quick_path, REPLAYS, SEED))
    assert (sum(one.tried for one in tried), sum(one.taken for one in tried)) == (REPLAYS, 0)


def test_no_forged_code_is_taken() -> None:
    tried = list(forgeries(FORGERIES, SEED))
    assert (sum(one.tried for one in tried), sum(one.taken for one in tried)) == (FORGERIES, 0)


def test_no_form_and_no_epoch_but_its_own_takes_a_code() -> None:
    tried = list(downgrades())
    assert sum(one.tried for one in tried) > 200
    assert sum(one.taken for one in tried) == 0


def test_a_code_scanned_by_two_readers_at_once_pays_once(offline_rig: Rig, campus: Campus) -> None:
    rig, code = offline_rig, campus.code(1)
    threads = [threading.Thread(target=rig.inbox.put, args=(Scan(code),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rig.terminal.take(rig.inbox.get(timeout=1))
    first = rig.settle()
    rig.reader.present(code)
    again = rig.settle()
    assert rig.journal.sequence == 1
    assert {**first, "again": True} == {**again, "again": True}


# -------------------------------------------------------------------------------- time (Q14)

EDGES = (0, 1, 14, 15, 59, 60, 2**31 - 1, 2**31, 2**32, AT_MAX - 60, AT_MAX)
TERMINAL_KEY = EpochKey(7, 0, AT_MAX + 1, bytes(range(32)))
ISSUER_KEY = EpochKey(7, 0, AT_MAX + 1, bytes(range(32, 64)))
RING = Keyring((TERMINAL_KEY,))
MIDNIGHT = 1_767_196_800  # in Shanghai, 2026-01-01 00:00
windows = st.builds(Window, st.integers(0, 60), st.integers(0, 60))
moments = st.one_of(st.sampled_from((*EDGES, MIDNIGHT - 1, MIDNIGHT)), st.integers(0, AT_MAX))
distances = st.one_of(st.integers(-120, 120), st.integers(-(10**6), 10**6))


@given(moments, distances, windows)
def test_a_code_is_taken_within_its_window_and_at_no_other_second(
    at: int, distance: int, window: Window
) -> None:
    shown_at = at + distance
    if not 0 <= shown_at <= AT_MAX:
        return
    secrets = phone_secrets(TERMINAL_KEY, ISSUER_KEY, card(1), 1)
    begins = shown_at // 15 * 15
    may = begins - window.early_seconds <= at <= begins + 15 + window.late_seconds
    try:
        verify_code(issue_code(secrets, shown_at), RING, at, window)
    except RefusedError:
        assert not may
    else:
        assert may


@pytest.mark.parametrize("at", [-1, -(2**31), AT_MAX + 1, 2**63, 2**200, True, 1.5])
def test_no_other_number_is_a_moment(at: int) -> None:
    with pytest.raises(ShapeError):
        verify_code("9" * 34, RING, at)
