"""The Git LFS server: requests and replies as values, independent of HTTP."""
