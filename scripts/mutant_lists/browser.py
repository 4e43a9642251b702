"""Guards over a browser's session: a cookie that no script reads and no foreign page can use."""

from scripts.mutant_lists.mutant import Mutant, off

_FILE = "backend/api/browser.py"
_API = "tests/api/test_browser_sessions.py::"
_UNIT = "tests/unit/backend/test_browser.py::"
_NO_CHANGE = f"{_API}test_a_foreign_page_changes_nothing"

BROWSER = (
    Mutant(
        _FILE,
        "    is_ours = site in OWN_SITES\n",
        "    is_ours = True\n",
        (f"{_API}test_a_foreign_page_reads_nothing",),
    ),
    Mutant(
        _FILE,
        'is_ours = site == "same-origin" and OWN_PAGE_HEADER in request.headers',
        'is_ours = site == "same-origin"',
        (_NO_CHANGE,),
        "a form of a foreign page, sent by an old browser, changes something",
    ),
    Mutant(
        _FILE,
        'is_ours = site == "same-origin" and OWN_PAGE_HEADER in request.headers',
        "is_ours = OWN_PAGE_HEADER in request.headers",
        (_NO_CHANGE,),
        "a page of another site or a neighbouring host changes something",
    ),
    off(
        _FILE,
        "if origin is not None and urlsplit(origin).netloc not in _own_hosts(request):",
        _NO_CHANGE,
        "a page whose origin the browser names is taken for ours",
    ),
    off(
        _FILE,
        "if header:",
        f"{_API}test_a_header_that_is_no_session_is_not_helped_by_a_cookie",
    ),
    *(
        Mutant(
            _FILE,
            source,
            replacement,
            (f"{_API}test_the_session_is_a_cookie_that_no_script_reads",),
        )
        for source, replacement in (
            ("httponly=True", "httponly=False"),
            ('samesite="Strict"', 'samesite="Lax"'),
            ("max_age=seconds", "max_age=None"),
        )
    ),
    Mutant(
        _FILE,
        "secure=_is_secure(config)",
        "secure=False",
        (f"{_UNIT}test_over_tls_the_cookie_is_bound_to_tls_and_to_the_host",),
    ),
    Mutant(
        _FILE,
        'return "__Host-xiaoma" if _is_secure(config) else "xiaoma"',
        'return "xiaoma"',
        (f"{_UNIT}test_over_tls_the_cookie_is_bound_to_tls_and_to_the_host",),
    ),
    Mutant(
        "backend/api/open/office.py",
        """    "script-src": "'self'",\n""",
        """    "script-src": "'self' 'unsafe-inline'",\n""",
        ("tests/unit/backend/test_office.py::test_the_policy_lets_nothing_in",),
    ),
)
