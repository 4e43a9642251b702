"""Tokens of the school's own programs."""
