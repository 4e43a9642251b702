"""Reports, the lists behind their figures, and where a fen comes from."""
