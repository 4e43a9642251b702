"""Physical cards: binding a chip to a card, ending that, and the shared keys of each kind."""
