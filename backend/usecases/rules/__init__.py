"""Rules bundles: published once, never changed."""
