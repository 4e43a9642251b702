"""Telling WeChat's order management that top-ups were delivered."""
