"""How a browser is told to keep a session, where there is TLS and where there is none."""

from sanic import HTTPResponse

from backend.api.browser import forget_session, keep_session
from backend.config import Config

TLS = {"XIAOMA_PUBLIC_URL": "https://card.example.edu"}


def told(environment: dict[str, str]) -> str:
    """The header that keeps a session for a minute."""
    answer = keep_session(HTTPResponse(), Config.read(environment), "a-token", 60)
    return str(answer.headers["set-cookie"])


def test_over_tls_the_cookie_is_bound_to_tls_and_to_the_host() -> None:
    said = told(TLS)
    assert said.startswith("__Host-xiaoma=a-token;")
    assert "Secure" in said.split("; ")
    assert "Path=/" in said.split("; ")
    assert "Domain" not in said


def test_without_tls_a_browser_would_not_keep_a_secure_cookie() -> None:
    said = told({})
    assert said.startswith("xiaoma=a-token;")
    assert "Secure" not in said.split("; ")


def test_a_session_is_forgotten_under_the_same_name() -> None:
    answer = forget_session(HTTPResponse(), Config.read(TLS))
    said = str(answer.headers["set-cookie"])
    assert said.startswith(('__Host-xiaoma="";', "__Host-xiaoma=;"))
    assert "Max-Age=0" in said
