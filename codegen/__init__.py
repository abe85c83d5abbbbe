"""Writes resource files from models: what the portal would have guessed at run time, written out."""
