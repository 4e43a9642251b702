"""One lunch, played from outside: phones, people in queues, scanners, a cut cable, and the books.

Nothing here shares code with what it plays against. It speaks HTTP as a phone does, writes digits
to a serial port as a scanner does, believes only what a terminal's screen showed, and re-adds the
books from raw rows with SQL of its own. `scripts/simulate_lunch.py` puts the parts together.
"""
