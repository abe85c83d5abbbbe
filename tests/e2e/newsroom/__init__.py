"""Somebody's application with a portal below `/admin`, and in it a page that was made for UMeditor."""
