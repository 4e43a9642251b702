"""
The whole error tree of campus_code.

    CampusCodeError
    ├── RefusedError      a credential is refused: .refusal says why, .evidence by how much
    ├── DocumentError     a signed document or sealed box is not taken: .why is a DocumentFault
    └── ShapeError        an argument is of the wrong kind or out of bounds (also a ValueError)

Policy reasons are never raised; `decide` answers them.
"""

from __future__ import annotations

import enum

from campus_code.refusals import Evidence, Language, Refusal


class CampusCodeError(Exception):
    """Whatever campus_code raises on purpose."""


class RefusedError(CampusCodeError):
    """A credential is refused. `evidence` holds seconds, wallet, epoch… as the refusal needs."""

    def __init__(self, refusal: Refusal, **evidence: int | str) -> None:
        super().__init__(refusal, evidence)
        self.refusal = refusal
        self.evidence: Evidence = evidence

    def __str__(self) -> str:
        return self.sentence("en")

    def sentence(self, language: Language) -> str:
        """Say it to a person in Chinese ("zh") or English ("en")."""
        return self.refusal.sentence(language, self.evidence)


class DocumentFault(enum.Enum):
    """Why a document is not taken."""

    MALFORMED = "malformed"
    WRONG_KIND = "wrong_kind"
    OVER_LIMIT = "over_limit"
    UNKNOWN_SIGNER = "unknown_signer"
    BAD_SIGNATURE = "bad_signature"
    STALE_VERSION = "stale_version"
    WRONG_BASE = "wrong_base"
    IMPLAUSIBLE = "implausible"
    BAD_SEAL = "bad_seal"


class DocumentError(CampusCodeError):
    """A document or sealed box is not taken; the one held before stays in force."""

    def __init__(self, why: DocumentFault, sentence: str) -> None:
        super().__init__(why, sentence)
        self.why = why
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.why.value}: {self.sentence}"


class ShapeError(CampusCodeError, ValueError):
    """An argument or field is of the wrong kind or out of bounds; the message names it."""
