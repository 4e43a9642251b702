"""Bytes and what they mean: no socket, no clock, no key on disk."""
