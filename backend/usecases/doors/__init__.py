"""Doors: their rules, grants by name, and what they wrote down."""
