"""The media library's pages: the files in list and grid, one file, what belongs to nothing, the storage itself."""
