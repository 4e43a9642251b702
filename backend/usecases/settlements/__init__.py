"""Paying merchants: totals without hot rows, and one settlement a business day."""
