"""Use cases of those who look after a repository."""
