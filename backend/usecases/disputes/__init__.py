"""Contested payments: opened by their holders, decided by the office."""
