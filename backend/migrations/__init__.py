"""Tortoise's own migrations; `python -m backend.migrate` runs them."""
