"""A bank that is none: one set of books, three wires, and faults on order.

It shares no code with the gateway: each reads and packs every byte by itself, so that they are
witnesses of each other. Names and numbers in it are invented.
"""
