"""Where blobs come from and go to: every kind of peer behind one Remote."""
