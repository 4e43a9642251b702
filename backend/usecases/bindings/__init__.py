"""Phones bound to cards by a one-time code."""
