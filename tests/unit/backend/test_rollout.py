"""When a trial of rules is worse than what all others hold."""

from __future__ import annotations

import pytest

from backend.domain.rollout import Taps, TrialVerdict, judge_trial


@pytest.mark.parametrize(
    "canary,others,verdict",
    [
        ((0, 0), (95, 5), TrialVerdict.EARLY),
        ((10, 9), (95, 5), TrialVerdict.EARLY),
        ((10, 10), (19, 0), TrialVerdict.EARLY),
        ((10, 10), (20, 0), TrialVerdict.WORSE),
        ((90, 10), (95, 5), TrialVerdict.FINE),
        ((899, 101), (950, 50), TrialVerdict.WORSE),
    ],
)
def test_a_trial_is_judged_where_both_sides_took_enough(
    canary: tuple[int, int], others: tuple[int, int], verdict: TrialVerdict
) -> None:
    assert judge_trial(Taps(*canary), Taps(*others))[0] is verdict
