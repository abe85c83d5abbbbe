"""Answers that are kept for a while: made once for many callers, never one person's for another.

A function says by `@cached` for how long and for whom its value may be kept; a `Cache` keeps the values, in this
process or in a Redis shared by several, and forgets those whose rows were changed.
"""

from portal.cache.decorator import Cached, cached
from portal.cache.keeping import Cache
from portal.cache.scopes import ScopeError

__all__ = ["Cache", "Cached", "ScopeError", "cached"]
