"""What the time from launch to the first code went to, read from Chromium's own trace.

Samples of what runs, a thousand a second, are given to the first part below whose function is on
the stack, the innermost first; time in which the page's thread has no task is waiting.
"""

from __future__ import annotations

import itertools
import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

TRACE_CATEGORIES = (
    "-*",
    "toplevel",
    "devtools.timeline",
    "blink.user_timing",
    "disabled-by-default-v8.cpu_profiler",
)
LAUNCH = "preview:launch"
DRAWN = "preview:canvas-painted"
SHOWN = "firstContentfulPaint"
MILLISECOND_US = 1_000
TASKS = {"RunTask", "ThreadControllerImpl::RunTask"}
LAYOUT = {"UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit"}
PARTS = {
    "qr_matrix": {"matrix"},
    "drawing": {"drawSquares", "drawBars", "cleared"},
    "code": {"issueCode", "hotp", "prepareAnswer"},
    "storage": {"readSecretly", "getStorage", "getStorageSync", "read", "readSecrets", "parsed"},
    "words_and_face": {"cardFace", "section", "say", "changedIn"},
    "components": {"setData", "make", "createRoot", "applyDataUpdates", "triggerLifetime"},
}
"""Functions of the mini-program and of glass-easel, by the part their time belongs to."""
Event = dict[str, Any]


def read_trace(path: Path) -> dict[str, float]:
    """Milliseconds from launch to shown by part; they add up to `all`."""
    events: list[Event] = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    begin = next(one for one in events if one["name"] == LAUNCH)
    drawn = next(one for one in events if one["name"] == DRAWN)
    end = next(one for one in events if one["name"] == SHOWN and one["ts"] > drawn["ts"])
    span = (float(begin["ts"]), float(end["ts"]))
    own = [one for one in events if one["pid"] == begin["pid"]]
    thread = [one for one in own if one["tid"] == begin["tid"] and one.get("ph") == "X"]
    busy = _covered(thread, TASKS, span)
    browser = _covered(thread, LAYOUT, span)
    found = _scripts(own, span)
    found["waiting"] = (span[1] - span[0] - busy) / MILLISECOND_US
    found["layout_and_paint"] = browser / MILLISECOND_US
    whole = (span[1] - span[0]) / MILLISECOND_US
    found["other"] = whole - sum(found.values())
    return {"all": whole, **found}


def pooled(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each part over the rounds: a part is too short to be sampled in one of them."""
    names = {name: None for one in rounds for name in one}
    return {name: round(statistics.mean(one.get(name, 0.0) for one in rounds), 1) for name in names}


def _covered(events: Iterable[Event], names: set[str], span: tuple[float, float]) -> float:
    """Microseconds of the span in which an event of these names runs; none counts twice."""
    within = sorted(
        (max(one["ts"], span[0]), min(one["ts"] + one.get("dur", 0), span[1]))
        for one in events
        if one["name"] in names
    )
    covered, until = 0.0, span[0]
    for start, stop in within:
        if stop > max(start, until):
            covered += stop - max(start, until)
            until = stop
    return covered


def _scripts(events: Sequence[Event], span: tuple[float, float]) -> dict[str, float]:
    """Milliseconds of sampled script by part."""
    nodes: dict[int, Event] = {}
    samples: list[tuple[float, int]] = []
    profile = next(one for one in events if one["name"] == "Profile")
    at = float(profile["args"]["data"]["startTime"])
    chunks = (one for one in events if one["name"] == "ProfileChunk" and one["id"] == profile["id"])
    for chunk in sorted(chunks, key=lambda one: int(one["ts"])):
        data = chunk["args"]["data"]
        nodes |= {one["id"]: one for one in data.get("cpuProfile", {}).get("nodes", [])}
        times = data.get("timeDeltas", [])
        for sample, passed in zip(data["cpuProfile"].get("samples", []), times, strict=True):
            at += passed
            samples.append((at, sample))
    found: defaultdict[str, float] = defaultdict(float)
    for (begin, sample), (end, _) in itertools.pairwise(samples):
        if span[0] <= begin <= span[1] and (part := _part_of(nodes, sample)) is not None:
            found[part] += (end - begin) / MILLISECOND_US
    return dict(found)


def _part_of(nodes: Mapping[int, Event], sample: int) -> str | None:
    """The innermost part a sample belongs to, or None."""
    node: Event | None = nodes[sample]
    while node is not None:
        name = node["callFrame"]["functionName"]
        for part, functions in PARTS.items():
            if name in functions:
                return part
        node = nodes.get(node.get("parent", 0))
    return None
