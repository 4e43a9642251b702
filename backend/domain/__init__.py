"""Frozen values and pure functions: no framework, no clock, no input or output."""
