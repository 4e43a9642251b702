"""The books as a whole: money brought in, and the proof that everything adds up."""
