"""What this portal manages, one noun a file, written with the public kit alone."""
