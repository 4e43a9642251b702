"""Cards that two people open: asked for, approved, counted against an office's quota."""
