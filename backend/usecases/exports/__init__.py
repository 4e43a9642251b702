"""Exports: what leaves as a file, and who said that it may."""
