"""The trail of who did what, read by those it is for."""
