"""What guardians limit: setting it, and showing it to those whom it concerns."""
