"""Sending merchants what is settled, by two people."""
