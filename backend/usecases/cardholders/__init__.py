"""People with a card: imported, found, given a PIN."""
