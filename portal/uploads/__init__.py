"""Files: the one service that takes them in, where they are kept, and what is made of pictures.

Cheap to import: the worker processes that decode pictures begin here too.
"""
