"""Closing a business day: what is missing, and a person's word that it is whole."""
