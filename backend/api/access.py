"""Who may call a route. A route without one of these rules is refused when the app is built."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Concatenate, Final, Literal, ParamSpec, TypeVar, cast

from sanic import Blueprint, HTTPResponse, Request, Sanic

from backend.api.browser import READING, TOKEN_CHARACTERS_MAX, bearer_token, session_token
from backend.api.parts import parts_of
from backend.domain.access import (
    PERMISSIONS,
    Actor,
    Audience,
    TerminalActor,
    appointments_for,
)
from backend.domain.errors import ForbiddenError, UnauthenticatedError
from backend.domain.place import beyond_reach
from backend.domain.tokens import API_TOKEN_PREFIX
from backend.domain.visit import Deed
from backend.tables.people import require_own_card, require_own_holder
from backend.tables.places import reach_of
from backend.usecases.access.find_actor import find_actor, nobody
from backend.usecases.access.find_program import find_program
from backend.usecases.visits.find_visitor import find_visitor

P = ParamSpec("P")
AnyHandler = TypeVar("AnyHandler", bound=Callable[..., object])
Handler = Callable[Concatenate[Request, P], Awaitable[HTTPResponse | None]]

Whose = Literal["holder_id", "card_id"]
"""The part of a path that says whom a route is about."""
REQUIRE_OWN: Final[Mapping[Whose, Callable[[Actor, int], Awaitable[None]]]] = {
    "holder_id": require_own_holder,
    "card_id": require_own_card,
}

SharedRoutes = Sequence[tuple[str, str, Callable[..., Awaitable[HTTPResponse]]]]
"""(method, path, handler): routes that several audiences have, each under its own rule."""


class AccessRuleError(Exception):
    """A route was registered without saying who may call it."""


def in_public(handler: AnyHandler) -> AnyHandler:
    """Anybody may call this: a way in (login, enrolment) or a thing for everybody."""
    return _ruled(handler, "in_public")


def for_student(handler: Handler[P]) -> Handler[P]:
    """Only the holder of a bound phone: `actor_of(request).card_id` is set."""

    @functools.wraps(handler)
    async def guarded(
        request: Request, /, *args: P.args, **kwargs: P.kwargs
    ) -> HTTPResponse | None:
        request.ctx.actor = await find_actor(
            bearer_token(request), Audience.STUDENT, parts_of(request).clock()
        )
        return await handler(request, *args, **kwargs)

    return _ruled(guarded, "for_student")


def for_guardian(handler: Handler[P]) -> Handler[P]:
    """Only a guardian who is logged in; whose children are his is asked for each of them."""

    @functools.wraps(handler)
    async def guarded(
        request: Request, /, *args: P.args, **kwargs: P.kwargs
    ) -> HTTPResponse | None:
        request.ctx.actor = await find_actor(
            bearer_token(request), Audience.GUARDIAN, parts_of(request).clock()
        )
        return await handler(request, *args, **kwargs)

    return _ruled(guarded, "for_guardian")


def for_staff(
    verb: str, *, scoped: bool = False, whose: Whose | None = None
) -> Callable[[Handler[P]], Handler[P]]:
    """Only staff who may do `verb` (`domain.access.PERMISSIONS`), by any of their appointments.

    Whoever may do it at a place only is let in where the route says that it is `scoped`: then its
    handler lists and acts within `actor_of(request).reach` (`tables.places.within`), or what it
    tells is the same for everybody. A route about one person says by which part of its path
    (`whose`) and is let through for the people of his campuses only. All other routes are for the
    whole school.
    """
    if verb not in PERMISSIONS:
        raise AccessRuleError(f"nobody may {verb!r}: it is not in domain.access.PERMISSIONS")
    is_bounded = scoped or whose is not None

    def guard(handler: Handler[P]) -> Handler[P]:
        @functools.wraps(handler)
        async def guarded(
            request: Request, /, *args: P.args, **kwargs: P.kwargs
        ) -> HTTPResponse | None:
            actor = await _permitted(request, verb)
            if not (is_bounded or actor.reach.is_whole_school):
                raise beyond_reach(verb)
            if whose is not None:
                await REQUIRE_OWN[whose](actor, int(cast("int", kwargs[whose])))
            request.ctx.actor = actor
            return await handler(request, *args, **kwargs)

        return _ruled(guarded, f"for_staff {verb}" + " within reach" * is_bounded)

    return guard


async def _permitted(request: Request, verb: str) -> Actor:
    """The member of staff, or the school's program, that asks, with the reach this verb has."""
    token, at = session_token(request), parts_of(request).clock()
    if token.startswith(API_TOKEN_PREFIX):
        if request.method not in READING:
            raise ForbiddenError("read_only", zh="令牌只能读取。", en="A token only reads.")
        return await find_program(token, verb, int(at))
    actor = await find_actor(token, Audience.STAFF, at)
    own = appointments_for(actor, verb)
    if not own:
        raise ForbiddenError(
            "not_permitted",
            zh="您没有这项权限。",
            en="Your role may not do this.",
            verb=verb,
        )
    return replace(actor, reach=await reach_of(own))


async def require_still(request: Request, verb: str) -> Actor:
    """Ask again whether whoever holds a stream open may, and how far: both may have changed.

    Raises:
        UnauthenticatedError: the session is over.
        ForbiddenError: he no longer may.

    """
    return await _permitted(request, verb)


def for_any_staff(handler: Handler[P]) -> Handler[P]:
    """Any member of staff who is logged in, e.g. to end the own session."""

    @functools.wraps(handler)
    async def guarded(
        request: Request, /, *args: P.args, **kwargs: P.kwargs
    ) -> HTTPResponse | None:
        request.ctx.actor = await find_actor(
            session_token(request), Audience.STAFF, parts_of(request).clock()
        )
        return await handler(request, *args, **kwargs)

    return _ruled(guarded, "for_any_staff")


def for_terminal(handler: Handler[P]) -> Handler[P]:
    """Only an enrolled terminal with a session, for exactly the request it has signed."""

    @functools.wraps(handler)
    async def guarded(
        request: Request, /, *args: P.args, **kwargs: P.kwargs
    ) -> HTTPResponse | None:
        request.ctx.terminal = await _signing_terminal(request)
        return await handler(request, *args, **kwargs)

    return _ruled(guarded, "for_terminal")


def for_terminal_with_staff(verb: str) -> Callable[[Handler[P]], Handler[P]]:
    """Only an enrolled terminal at which somebody is logged in who may do `verb` there."""

    def guard(handler: Handler[P]) -> Handler[P]:
        @functools.wraps(handler)
        async def guarded(
            request: Request, /, *args: P.args, **kwargs: P.kwargs
        ) -> HTTPResponse | None:
            request.ctx.terminal = await _signing_terminal(request)
            request.ctx.actor = await _permitted(request, verb)
            if not actor_of(request).reach.has_merchant(terminal_of(request).merchant_id):
                raise beyond_reach(verb)
            return await handler(request, *args, **kwargs)

        return _ruled(guarded, f"for_terminal_with_staff {verb}")

    return guard


def for_visit(deed: Deed) -> Callable[[Handler[P]], Callable[..., Awaitable[HTTPResponse | None]]]:
    """Only the terminal of a visit that is open, for a deed on the visit's list (`domain.visit`).

    The path's `visit_id` says which visit; `actor_of(request).card_id` is whose card it is.
    """

    def guard(handler: Handler[P]) -> Callable[..., Awaitable[HTTPResponse | None]]:
        @functools.wraps(handler)
        async def guarded(
            request: Request, /, visit_id: int, *args: P.args, **kwargs: P.kwargs
        ) -> HTTPResponse | None:
            request.ctx.terminal = await _signing_terminal(request)
            request.ctx.actor = await find_visitor(
                visit_id, deed, terminal_of(request), int(parts_of(request).clock())
            )
            return await handler(request, *args, **kwargs)

        return _ruled(guarded, f"for_visit {deed}")

    return guard


def request_mac(session_key: bytes, request: Request) -> str:
    """HMAC-SHA256 in hex over method, path, query and body: a terminal signs the whole request.

    The query, where there is one, stands behind the path and its question mark, as it was sent.
    """
    query = f"?{request.query_string}" if request.query_string else ""
    head = f"{request.method}\n{request.path}{query}\n".encode()
    return hmac.digest(session_key, head + (request.body or b""), "sha256").hex()


async def _signing_terminal(request: Request) -> TerminalActor:
    token = request.headers.get("x-terminal", "")
    if not 0 < len(token) <= TOKEN_CHARACTERS_MAX:
        raise nobody()
    terminal = await parts_of(request).terminals.find(token)
    said = request.headers.get("x-mac", "")
    made = request_mac(terminal.session_key, request)
    if not hmac.compare_digest(made.encode(), said.encode()):
        raise UnauthenticatedError(
            "wrong_mac",
            zh="请求签名不对。",
            en="The request's MAC does not fit its content.",
        )
    return terminal


def actor_of(request: Request) -> Actor:
    """The person asking, where a rule for people let them in."""
    return cast("Actor", request.ctx.actor)


def card_id_of(request: Request) -> int:
    """Whose card it is, where a rule for one holder let somebody in: his phone, or his visit."""
    card_id = actor_of(request).card_id
    if card_id is None:
        raise AccessRuleError(f"{request.path} is for one card, and its rule names none")
    return card_id


def terminal_of(request: Request) -> TerminalActor:
    """The terminal asking, where `for_terminal` let it in."""
    return cast("TerminalActor", request.ctx.terminal)


def require_rules(app: Sanic[Any, Any]) -> None:
    """Refuse an app that has a route nobody thought about. Raises AccessRuleError."""
    for route in app.router.routes:
        if not hasattr(route.handler, "access_rule"):
            raise AccessRuleError(f"/{route.path} does not say who may call it")


def shared_routes(
    name: str, access: Callable[..., Any], routes: SharedRoutes, under: str = ""
) -> Blueprint:
    """Routes that another audience has too, under this one's rule and behind `under`."""
    made = Blueprint(name)
    for method, path, handler in routes:
        made.add_route(access(handler), under + path, methods=[method], name=handler.__name__)
    return made


def _ruled(handler: AnyHandler, rule: str) -> AnyHandler:
    cast("Any", handler).access_rule = rule
    return handler
