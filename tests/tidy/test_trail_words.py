"""Whatever a holder can read in his own trail has words in both languages of the mini-program."""

import ast
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from backend.domain.door import LOOK_VERB
from backend.domain.guardian import Look
from backend.domain.refund import TOLD, RefundState
from backend.domain.visit import LOOKS, OPEN_VERBS
from backend.usecases.chips.watch_chips import VERB as WATCHED
from backend.usecases.drawers.decide_cash_out import APPROVED, REJECTED
from tests.tidy.sources import ROOT, Source, nothing, sample, sources

OWN_SUBJECTS = ("card:", "cardholder:")
COMPUTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "LOOK_VERB": (LOOK_VERB,),
        "look": tuple(Look),
        "deed.value": tuple(LOOKS),
        "VERB": (WATCHED,),
        "OPEN_VERBS[shown]": tuple(OPEN_VERBS.values()),
        "f'refunds.{state.value}'": tuple(
            f"refunds.{state}"
            for state in (*TOLD.values(), RefundState.REFUSED)
            if state is not RefundState.PROCESSING  # which is told nobody
        ),
        "f'cash_outs.{decision}'": (f"cash_outs.{APPROVED}", f"cash_outs.{REJECTED}"),
    }
)
"""Verbs that are no literal: the expression as it is written, and what it may be."""
FEW = 30
LANGUAGES = ("zh", "en")


def own_verbs(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Yield the verbs noted about a card or a cardholder, "" for one that nobody can tell."""
    for function in source.nodes():
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            given = dict(assigned(function))
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "note":
                    verb, subject = call.args[1:3]
                    if is_own(subject, given):
                        yield from ((call, one) for one in verbs_of(verb))


def assigned(function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the variables of a function and what they are, in pairs `a, b = 1, 2` too."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pair = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pair = list(zip(target.elts, node.value.elts, strict=True))
            yield from ((name.id, value) for name, value in pair if isinstance(name, ast.Name))


def is_own(subject: ast.expr, given: Mapping[str, ast.expr]) -> bool:
    """Whether a line about this subject is in the holder's own trail; so is an unknown one."""
    if isinstance(subject, ast.Name):
        subject = given.get(subject.id, subject)
    if isinstance(subject, ast.JoinedStr):
        subject = subject.values[0]
    if isinstance(subject, ast.Constant) and isinstance(subject.value, str):
        return subject.value.startswith(OWN_SUBJECTS)
    return True


def verbs_of(verb: ast.expr) -> tuple[str, ...]:
    """Return what a verb may be; "" when that is not known."""
    if isinstance(verb, ast.Constant):
        return (str(verb.value),)
    return COMPUTED.get(ast.unparse(verb), ("",))


def words(language: str) -> frozenset[str]:
    """Return the verbs that the mini-program has words for."""
    text = (ROOT / f"miniprogram/words/{language}_packages.ts").read_text(encoding="utf-8")
    return frozenset(re.findall(r'^  "trail\.did\.([a-z_.]+)":', text, re.MULTILINE))


def test_every_verb_of_a_holders_own_trail_has_words() -> None:
    """In both languages; else he reads `chips.bind`."""
    noted = [
        (source, node, verb)
        for source in sources()
        if source.path.startswith("backend/")
        for node, verb in own_verbs(source)
    ]
    assert len(noted) > FEW
    nothing(
        [
            source.at(
                node, f"{verb or 'a verb that is not in COMPUTED'} has no words in {language}"
            )
            for source, node, verb in noted
            for language in LANGUAGES
            if verb not in words(language)
        ]
    )


def test_the_check_sees_subjects_pairs_and_what_it_cannot_know() -> None:
    """It can fail."""
    text = """
async def one(card_id):
    await note(by, "cards.melt", f"card:{card_id}", at)
    await note(by, "rules.melt", f"rules:{card_id}", at)
async def two(verb):
    by, subject = 1, f"cardholder:{verb}"
    await note(by, verb, subject, at)
    await note(by, "door.melt", somebody, at)
"""
    assert [verb for _, verb in own_verbs(sample(text))] == ["cards.melt", "", "door.melt"]
