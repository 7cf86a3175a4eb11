"""Clone bundles: which there are, where they are, and when new ones are worth it."""
