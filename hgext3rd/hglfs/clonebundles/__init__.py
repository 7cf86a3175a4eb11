"""Clone bundles and packs: their formats, the server that makes them, the client."""
