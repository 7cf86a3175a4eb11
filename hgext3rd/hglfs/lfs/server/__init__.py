"""The answers of a Git LFS server, without the web server around them."""
