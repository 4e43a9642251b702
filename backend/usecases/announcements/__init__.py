"""What the school announces in the hall."""
