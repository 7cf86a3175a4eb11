"""The actions of the extension, one use case per file."""
