"""A browser's session: a cookie that no script reads, and proof that our own page is asking.

A program sends its session as `Authorization: Bearer`. A browser gets it as a cookie, which the
browser sends along by itself, whoever made it ask; so a request with a cookie counts only when our
own page made it: the cookie is SameSite=Strict, what changes anything carries a header that no
foreign page can set without being asked first (and nobody is asked: there is no CORS here), and
what browsers say of a request's origin must not contradict.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from backend.api.parts import parts_of
from backend.config import Config
from backend.domain.errors import ForbiddenError
from backend.usecases.access.find_actor import nobody

BEARER = "Bearer "
TOKEN_CHARACTERS_MAX = 128
OWN_PAGE_HEADER = "x-xiaoma-page"
READING = frozenset({"GET", "HEAD"})
OWN_SITES = frozenset({"same-origin", "none"})
"""What `Sec-Fetch-Site` may say: our own page, or a person who typed the address."""


def cookie_name(config: Config) -> str:
    """The cookie's name; `__Host-` binds it to this host and to TLS, where there is TLS."""
    return "__Host-xiaoma" if _is_secure(config) else "xiaoma"


def session_token(request: Request) -> str:
    """The session that a member of staff sends: by header, else by cookie.

    Raises:
        UnauthenticatedError: neither.
        ForbiddenError: a cookie, but not from our own page.

    """
    header = request.headers.get("authorization", "")
    if header:
        return bearer_token(request)
    token = str(request.cookies.get(cookie_name(parts_of(request).config)) or "")
    if not 0 < len(token) <= TOKEN_CHARACTERS_MAX:
        raise nobody()
    _require_own_page(request)
    return token


def bearer_token(request: Request) -> str:
    """The session in the header; UnauthenticatedError when there is none."""
    header = request.headers.get("authorization", "")
    if not header.startswith(BEARER) or len(header) > len(BEARER) + TOKEN_CHARACTERS_MAX:
        raise nobody()
    return header.removeprefix(BEARER)


def keep_session(answer: HTTPResponse, config: Config, token: str, seconds: int) -> HTTPResponse:
    """Let the browser keep a session for so long."""
    answer.add_cookie(
        cookie_name(config),
        token,
        path="/",
        secure=_is_secure(config),
        httponly=True,
        samesite="Strict",
        max_age=seconds,
    )
    return answer


def forget_session(answer: HTTPResponse, config: Config) -> HTTPResponse:
    """Let the browser forget its session."""
    return keep_session(answer, config, "", 0)


def _is_secure(config: Config) -> bool:
    return config.public_url.startswith("https://")


def _own_hosts(request: Request) -> set[str]:
    """How people reach us: by our public address, or straight."""
    return {urlsplit(parts_of(request).config.public_url).netloc, request.host}


def _require_own_page(request: Request) -> None:
    site = request.headers.get("sec-fetch-site", "same-origin")
    is_ours = site in OWN_SITES
    if request.method not in READING:
        is_ours = site == "same-origin" and OWN_PAGE_HEADER in request.headers
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc not in _own_hosts(request):
            is_ours = False
    if not is_ours:
        raise ForbiddenError(
            "foreign_page",
            zh="这个请求不是本系统的页面发出的。",
            en="This request does not come from a page of this server.",
        )
