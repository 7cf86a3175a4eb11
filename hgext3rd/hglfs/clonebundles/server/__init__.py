"""The server: generate clone bundles and packs, publish and advertise them."""
