"""The machine room: jobs of the worker, and how everything is."""
