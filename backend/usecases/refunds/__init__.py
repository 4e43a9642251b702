"""Refunds of top-ups to whoever paid them."""
