"""The server of the campus card: rings whose imports point down, never up (see docs/architecture.md)."""
