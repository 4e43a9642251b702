"""What the dashboard's alarms say of a window, by when it was last heard."""

import pytest

from backend.domain.live import SILENT_SECONDS, Standing, Window, alarms_of

AT = 1_800_000_000


def window(seen_at: int | None, taken: int) -> Window:
    """A window that took so many payments lately."""
    return Window(7, "一号", 1, "面馆", "", "canteen", seen_at, 0, 0, {}, taken)


@pytest.mark.parametrize(
    "seen_at, taken, told",
    [
        (AT - 10, 3, []),
        (AT - SILENT_SECONDS - 1, 0, []),  # it is switched off, as at night
        (AT - SILENT_SECONDS - 1, 3, [("silent", {"seconds": SILENT_SECONDS + 1})]),
        (None, 0, []),
        (None, 3, [("unheard", {})]),  # not "silent for 50 years"
    ],
)
def test_a_window_that_fell_silent_while_it_sold_is_an_alarm(
    seen_at: int | None, taken: int, told: list[tuple[str, dict[str, int]]]
) -> None:
    found = alarms_of([window(seen_at, taken)], Standing(), AT)
    assert [(alarm.kind, dict(alarm.figures)) for alarm in found] == told
