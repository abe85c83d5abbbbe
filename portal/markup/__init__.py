"""Text with markup: what of it is kept, and how it is shown. `cleaning.py` is the gate that all of it passes."""

from portal.markup.cleaning import clean, plain_text
from portal.markup.pictures import canonical, keys_in, with_addresses
from portal.markup.public import to_public
from portal.markup.videos import video_frame_sources

__all__ = ["canonical", "clean", "keys_in", "plain_text", "to_public", "video_frame_sources", "with_addresses"]
