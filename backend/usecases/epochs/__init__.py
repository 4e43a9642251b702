"""Key epochs: opened ahead of time, rotated at once after a theft."""
