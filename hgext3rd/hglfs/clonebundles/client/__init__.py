"""A client seeds a clone with the bundles and packs of a server."""
