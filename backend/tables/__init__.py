"""Rows and their queries, one noun a file; `ledger.py` is the only writer of money."""
