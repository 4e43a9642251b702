"""Guards of the description: no route without a rule, a description, or a strict number."""

from scripts.mutant_lists.mutant import Mutant, off

_OPENAPI = "backend/api/openapi.py"


def _told(name: str) -> str:
    return f"tests/api/test_openapi.py::test_{name}"


DESCRIBING = (
    Mutant(
        "backend/api/app.py",
        "    require_descriptions(app.router.routes)\n",
        "",
        (_told("an_app_with_a_silent_route_is_not_built"),),
    ),
    Mutant(
        "backend/api/app.py",
        '    app.router.register_pattern("int", whole_number, r"\\d+")'
        "  # Sanic's own takes 9 ** 99 and 1_0\n",
        "",
        ("tests/api/test_garbage.py",),
        "a path may hold a number no database holds",
    ),
    off(
        "backend/api/reading.py",
        "if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX):",
        "tests/api/test_garbage.py",
        "Arabic digits, underscores and endless numbers are read as numbers",
    ),
    Mutant(
        "backend/api/app.py",
        "return document(app.ctx.own_routes)",
        "return document(app.router.routes[1:])",
        (_told("it_is_the_same_each_time"),),
        "the document is not all of the server",
    ),
    off(_OPENAPI, 'if "__" in name:', _told("two_types_of_one_name_are_refused")),
    off(_OPENAPI, "if rule not in NEEDED:", _told("a_route_that_cannot_be_described_is_refused")),
    off(
        "backend/api/described.py",
        'if hasattr(handler, "access_rule"):',
        _told("a_description_above_the_access_rule_is_refused"),
    ),
)
