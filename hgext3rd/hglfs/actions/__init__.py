"""What hg-lfs does, one use case a file."""
