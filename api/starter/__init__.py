"""What the API of the starter portal has beside its resources, written by hand: examples to copy from."""
