"""What the card office hands out before the lunch, as one private JSON file in the demo's folder.

Written by `scripts/seed.py`, read by the lunch. It is the only thing the two share.
"""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

HANDOUT_FILE = "handout.json"
PRIVATE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Person:
    """A cardholder with a card and a slip of paper on which the binding code stands."""

    number: str
    name: str
    department: str
    class_id: int
    card_number: str
    binding_code: str = field(repr=False)
    cash_fen: int
    benefit_fen: int


@dataclass(frozen=True, slots=True)
class Place:
    """A window: whose it is, and the group of terminals its rules are for."""

    merchant_id: int
    merchant: str
    group_id: str


@dataclass(frozen=True, slots=True)
class Admin:
    """The first admin's login; the second factor is made from the URI."""

    login: str
    password: str = field(repr=False)
    otpauth_uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Handout:
    """Everything the office gave out."""

    school: str
    admin: Admin
    places: tuple[Place, ...]
    people: tuple[Person, ...]

    def write(self, folder: Path) -> None:
        """Write the file, readable by its owner only: it holds a password."""
        path = folder / HANDOUT_FILE
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(dataclasses.asdict(self), file, ensure_ascii=False, indent=1)

    @classmethod
    def read(cls, folder: Path) -> Handout:
        """Read it back."""
        told = json.loads((folder / HANDOUT_FILE).read_text(encoding="utf-8"))
        return cls(
            told["school"],
            Admin(**told["admin"]),
            tuple(Place(**one) for one in told["places"]),
            tuple(Person(**one) for one in told["people"]),
        )
