"""
The door program: `python -m qr_terminals door`. Verify, decide, durable event, open, log.

It decides alone, always: a door never waits for a network. What it knows of cards and zones comes
by the same sync as a till's documents; what it wrote down goes up when somebody takes it.
"""
