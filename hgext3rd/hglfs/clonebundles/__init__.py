"""Clone bundles and packs of blobs: formats, the server that makes them, the client."""
