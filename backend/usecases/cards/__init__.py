"""Cards: opened, frozen, lost, replaced, closed."""
