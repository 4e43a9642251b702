"""The denylist as a whole: looked at, and confirmed when it grew faster than is usual."""
