"""How a resource is declared, and what is made of it: no HTTP, no SQL."""
