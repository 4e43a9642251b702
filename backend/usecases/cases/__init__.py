"""Alerts found by the worker, and the cases people make of them."""
