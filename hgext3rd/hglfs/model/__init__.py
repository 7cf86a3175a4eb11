"""Values and formats: what hg-lfs talks about, without doing anything."""
