"""What goes out to partners, against simulators that really listen."""
