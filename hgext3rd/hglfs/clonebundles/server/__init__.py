"""A server makes clone bundles and packs of blobs, publishes and advertises them."""
