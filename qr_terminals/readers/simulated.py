"""A reader without hardware: whoever holds it presents text. For demos, tests and benchmarks."""

from __future__ import annotations

from qr_terminals.cards.identify import Proof
from qr_terminals.readers import Scan, Sink


class SimulatedReader:
    """Gives every presented text to the sink at once, on the caller's thread."""

    def __init__(self) -> None:
        self.name = "simulated"
        self._sink: Sink | None = None

    @property
    def is_connected(self) -> bool:
        """Whether it was started."""
        return self._sink is not None

    def start(self, sink: Sink) -> None:
        """Keep the sink."""
        self._sink = sink

    def stop(self) -> None:
        """Forget the sink; what is presented from now on goes nowhere."""
        self._sink = None

    def present(self, text: str, proof: Proof | None = None) -> None:
        """Present one text, or a card with what it proved."""
        if self._sink is not None:
            self._sink(Scan(text, "code" if proof is None else "nfc", proof))
