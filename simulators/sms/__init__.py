"""An SMS provider that checks every signature and keeps what it was given."""
