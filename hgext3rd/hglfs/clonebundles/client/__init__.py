"""The client: clone from a server's clone bundles, increments and packs."""
