"""Leaving: what is left goes back with a tap."""
