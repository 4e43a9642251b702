"""When cards end: cohorts by two people, one person at the counter, and the worker that acts."""
