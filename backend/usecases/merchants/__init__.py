"""Merchants: added by the administration."""
