"""Guardians: invited, bound, looking, sent away."""
