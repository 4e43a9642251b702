"""Benefits by the batch: asked for, decided by another person, posted once to each holder."""
