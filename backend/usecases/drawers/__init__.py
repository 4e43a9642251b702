"""Cash drawers, and cash that is paid out of them."""
