"""The wire formats: encode and decode what peers exchange."""
