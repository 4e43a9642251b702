"""An OSDP peripheral (a door controller) on a pseudo-terminal, written from the standard alone."""
