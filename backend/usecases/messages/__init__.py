"""Messages to phones: agreed to, noted, sent."""
