"""Visits of people to terminals of the hall."""
