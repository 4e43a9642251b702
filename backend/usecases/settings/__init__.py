"""What a school sets while it runs."""
