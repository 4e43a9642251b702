"""No route without a rule of who may call it; strict reading of what is sent."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import cast

import pytest
from pydantic import Field
from sanic import HTTPResponse, Request, Sanic

from backend.api.access import AccessRuleError, for_staff, in_public, require_rules
from backend.api.app import PartsFactory, build_app
from backend.api.reading import Shape, answer, read_json, read_number
from backend.domain.access import PERMISSIONS, Role, may
from backend.domain.errors import InvalidInputError

_numbers = itertools.count(1)


def app() -> Sanic:  # type: ignore[type-arg]
    return Sanic(f"access-{next(_numbers)}", configure_logging=False)


async def handler(_request: Request) -> HTTPResponse:
    return answer({})


def test_every_route_of_the_server_says_who_may_call_it() -> None:
    made = build_app(cast("PartsFactory", None), f"access-{next(_numbers)}")
    rules = {route.path: route.handler.access_rule for route in made.router.routes}
    assert rules["terminal/sync"] == "for_terminal"
    assert rules["admin/terminals/enrolments"] == "for_staff terminals.enrol within reach"
    public = {path for path, rule in rules.items() if rule == "in_public"}
    assert public <= {
        "open/health",
        "openapi.json",
        "terminal/enrolments",
        "terminal/sessions",
        "student/bindings",
        "student/phone-bindings",
        "student/sessions",
        "guardian/bindings",
        "guardian/phone-bindings",
        "guardian/sessions",
        "staff/sessions",
        "staff/browser-sessions",
        "open/invitations/views",
        "open/invitations/top-ups",
        "open/invitations/checks",
        "webhooks/wechat-pay/payments",
        "webhooks/wechat-pay/refunds",
    }


def test_a_route_without_a_rule_is_refused() -> None:
    made = app()
    made.add_route(in_public(handler), "/fine")
    require_rules(made)

    async def forgotten(request: Request) -> HTTPResponse:
        return await handler(request)

    made.add_route(forgotten, "/forgotten")
    with pytest.raises(AccessRuleError, match="/forgotten"):
        require_rules(made)


def test_a_verb_nobody_listed_is_nobodys() -> None:
    with pytest.raises(AccessRuleError, match="rules\\.eat"):
        for_staff("rules.eat")
    with pytest.raises(KeyError):
        may(Role.ADMIN, "rules.eat")
    assert not any(may(None, verb) for verb in PERMISSIONS)


def test_money_and_keys_are_not_for_everybody() -> None:
    assert PERMISSIONS["epochs.rotate"] == {Role.ADMIN}
    assert PERMISSIONS["rules.publish"] == {Role.ADMIN}
    assert Role.CASHIER not in PERMISSIONS["payments.refund"]
    done = {verb for verb, roles in PERMISSIONS.items() if Role.AUDITOR in roles}
    assert {verb for verb in done if not verb.endswith(".read")} <= {
        "exports.ask",  # two people let it out
        "rules.review",  # looks at a draft
        "rules.try",  # no money moves
    }


class Sample(Shape):
    count: int = Field(ge=0, le=9)
    name: str = Field(default="", max_length=3)


def sent(body: bytes, **query: str) -> Request:
    return cast("Request", SimpleNamespace(body=body, args=query))


@pytest.mark.parametrize(
    "body,field",
    [
        (b"", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"{", "body"),
        (b'{"count": NaN}', "body"),
        (b"{}", "count"),
        (b'{"count": true}', "count"),
        (b'{"count": 1.0}', "count"),
        (b'{"count": "1"}', "count"),
        (b'{"count": -1}', "count"),
        (b'{"count": 10}', "count"),
        (b'{"count": 1, "name": "long"}', "name"),
        (b'{"count": 1, "name": 1}', "name"),
        (b'{"count": 1, "more": 1}', "more"),
        (b'{"count": 1}' + b" " * 16_384, "body"),
    ],
)
def test_a_body_is_read_strictly(body: bytes, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_json(sent(body), Sample)
    assert refused.value.evidence["field"] == field


def test_a_right_body_is_read() -> None:
    assert read_json(sent(b'{"count": 3}'), Sample) == Sample(count=3)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "１", "101", "9" * 40, " 1"])
def test_a_query_number_is_read_strictly(text: str) -> None:
    assert read_number(sent(b"", page="7"), "page", 1, 1, 100) == 7
    assert read_number(sent(b""), "page", 1, 1, 100) == 1
    with pytest.raises(InvalidInputError, match="page"):
        read_number(sent(b"", page=text), "page", 1, 1, 100)
