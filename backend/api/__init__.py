"""HTTP in: one folder per audience, and one rule of access in each."""
