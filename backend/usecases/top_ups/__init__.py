"""Top-ups: ordered, paid, credited once; invitations for relatives without an account."""
