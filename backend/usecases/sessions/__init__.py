"""Sessions of people."""
