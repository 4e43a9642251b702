"""Drills of an outage: ordered, ended early, heard of, read."""
