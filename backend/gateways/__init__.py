"""What stands outside our walls, one partner a file."""
