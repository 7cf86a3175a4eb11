"""Remotes: transfer blobs to and from servers, peers, directories and agents."""
