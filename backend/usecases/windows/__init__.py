"""Windows as a holder looks for them."""
