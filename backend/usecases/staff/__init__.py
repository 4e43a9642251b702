"""Staff who work here, and how they log in."""
