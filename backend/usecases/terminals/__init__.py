"""Terminals: how they enrol, speak, stay up to date and are turned away."""
