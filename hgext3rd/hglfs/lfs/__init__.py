"""Git LFS without Mercurial: pointers, stores, remotes, transfers and the server."""
