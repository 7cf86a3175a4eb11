"""Transfer many blobs: the queue, worker threads, retries and progress."""
