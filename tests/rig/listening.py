"""A bus that remembers what was published, for tests that stand where a listener would."""

from __future__ import annotations

from backend.usecases.ports import Payload, Subscription


class RememberingBus:
    """Publishes to a list."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Payload]] = []

    async def publish(self, topic: str, payload: Payload) -> None:
        """Remember."""
        self.heard.append((topic, payload))

    def topics(self) -> set[str]:
        """What was published since the last time, and forget it."""
        topics = {topic for topic, _ in self.heard}
        self.heard.clear()
        return topics

    def subscribe(self, topic: str) -> Subscription:
        """Nobody listens in these tests."""
        raise NotImplementedError(topic)

    async def is_well(self) -> bool:
        """Always."""
        return True

    async def close(self) -> None:
        """Nothing to close."""
