"""Clone bundles and packs: formats, generation on the server, and use by clients."""
