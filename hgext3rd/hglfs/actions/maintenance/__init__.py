"""Actions for the maintenance of repositories."""
