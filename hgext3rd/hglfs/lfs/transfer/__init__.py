"""Moving many blobs: what goes next, what is tried again, what is told."""
