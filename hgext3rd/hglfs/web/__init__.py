"""The LFS server's place in hgweb: routes, permissions, streaming bodies."""
