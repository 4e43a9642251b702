"""The server of the campus card: rings whose imports point down (see docs/architecture.md)."""
