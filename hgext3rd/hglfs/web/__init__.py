"""The LFS server within hgweb: routes, permissions, streaming bodies."""
