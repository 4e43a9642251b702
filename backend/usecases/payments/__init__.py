"""Payments: online taps, uploaded records and reversals, all posted as sets."""
