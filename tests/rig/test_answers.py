"""The rig notices an answer that is not what its description says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.rig.answers import Answers

PURSE = {"purse": "cash", "balance_fen": 100}
ERROR = {"error": "no_session", "zh": "请登录。", "en": "Log in.", "evidence": {}}


def answered(
    body: Any, status: int = 200, path: str = "/student/purses", media: str = "application/json"
) -> httpx.Response:
    request = httpx.Request("GET", f"http://loopback{path}")
    headers = {"content-type": f"{media}; charset=utf-8"}
    return httpx.Response(status, json=body, headers=headers, request=request)


@pytest.mark.parametrize(
    "response",
    [
        answered({"purses": [PURSE, PURSE]}),
        answered({"purses": []}),
        answered(ERROR, 401),
        answered(ERROR, 404, "/nowhere/at/all"),
        answered("", 200, "/terminal/events", "text/event-stream"),
    ],
)
async def test_an_answer_as_described_passes(response: httpx.Response) -> None:
    await Answers.of_server().check(response)


@pytest.mark.parametrize(
    "response",
    [
        answered({}),
        answered({"purses": [{"purse": "cash"}]}),
        answered({"purses": [PURSE | {"balance_fen": "100"}]}),
        answered({"purses": [PURSE | {"balance_fen": 1.5}]}),
        answered({"purses": [PURSE | {"balance_fen": None}]}),
        answered({"purses": [PURSE | {"holder": "somebody"}]}),
        answered({"purses": [PURSE], "more": 1}),
        answered({"purses": [PURSE]}, 201),  # not the status it is described with
        answered(ERROR | {"trace": "…"}, 401),
        answered({"error": "no_session"}, 401),
        answered(ERROR),
        answered({"purses": []}, media="text/plain"),
    ],
)
async def test_another_answer_fails(response: httpx.Response) -> None:
    with pytest.raises(AssertionError, match="/student/purses"):
        await Answers.of_server().check(response)


async def test_what_was_taken_must_be_as_described() -> None:
    state = {"state": "frozen", "are_doors_frozen": True, "frozen_at": 1}
    for body, is_told in (({"parts": ["money"]}, True), ({"parts": "money"}, False), ({}, False)):
        request = httpx.Request("POST", "http://loopback/student/freezes", json=body)
        response = httpx.Response(201, json=state, request=request)
        if is_told:
            await Answers.of_server().check(response)
        else:
            with pytest.raises(AssertionError, match="took what"):
                await Answers.of_server().check(response)
        refused = httpx.Response(400, json=ERROR, request=request)
        await Answers.of_server().check(refused)
