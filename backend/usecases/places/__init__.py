"""The tree of places, and who holds which role at which of them."""
