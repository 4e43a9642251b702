"""Where a terminal shows what it does: a text screen, a page, several at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from qr_terminals.events import View


class Face(Protocol):
    """Everything is called on the terminal's one thread, and returns at once."""

    def show(self, view: View) -> None:
        """Put a view in front of cashier and cardholder."""

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Something that is no view: ready, status, a synced document, a fault of the network."""

    def pass_time(self) -> None:
        """Called again and again while nothing else happens."""


class Faces:
    """Several faces of one terminal."""

    def __init__(self, *faces: Face) -> None:
        self._faces = faces

    def show(self, view: View) -> None:
        """On every face."""
        for face in self._faces:
            face.show(view)

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """To every face."""
        for face in self._faces:
            face.tell(event, facts)

    def pass_time(self) -> None:
        """For every face."""
        for face in self._faces:
            face.pass_time()
