"""`@cached`: says of an async function how long, for whom and from what its value is kept."""

import functools
import hashlib
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, ParamSpec, TypeVar, get_type_hints

import msgspec

from portal.cache.arguments import as_text
from portal.cache.entries import Lifetime
from portal.cache.keeping import Call
from portal.cache.scopes import Scope, Serving, current, within
from portal.i18n import active

P = ParamSpec("P")
R = TypeVar("R")

Key = Callable[..., Any] | Sequence[str] | None
Tags = Callable[..., Iterable[str]] | Sequence[str]


def cached(
    *,
    ttl: float,
    soft: float | None = None,
    tags: Tags = (),
    scope: Scope | None = None,
    key: Key = None,
    jitter: float = 0.1,
) -> Callable[[Callable[P, Awaitable[R]]], "Cached[P, R]"]:
    """Keep what an async function returns, as JSON of its return type.

    `ttl` and `soft` are seconds: for `soft` the value is fresh, then it is old but answered with at once while one
    caller makes the next. `tags` name what it is made from (`"article"`, `"article:{id}"`, or a function of the
    arguments). `scope` says who shares it: `"public"` everybody, `"permissions"` those who may do the same,
    `"actor"` one person. `key` names the arguments that tell values apart, or makes the key from them; without it
    all do.
    """
    if not 0 < ttl or (soft is not None and not 0 < soft < ttl) or not 0 <= jitter < 1:
        raise ValueError("A cached value needs 0 < soft < ttl and 0 <= jitter < 1.")
    lifetime = Lifetime(ttl, soft, jitter)
    return lambda function: Cached(function, lifetime, tags, scope, key)


class Cached(Generic[P, R]):
    """A function whose values are kept wherever a cache is serving, and which is plainly called elsewhere."""

    def __init__(
        self, function: Callable[P, Awaitable[R]], lifetime: Lifetime, tags: Tags, scope: Scope | None, key: Key
    ) -> None:
        if not inspect.iscoroutinefunction(function):
            raise TypeError(f"{function!r} is no async function.")
        functools.update_wrapper(self, function)
        self._function = function
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._signature = inspect.signature(function)
        self._lifetime = lifetime
        self._tags = tags
        self._scope = scope
        self._key = key
        unknown = set(() if key is None or callable(key) else key) - set(self._signature.parameters)
        if unknown:
            raise ValueError(f"{self._name} has no argument {', '.join(sorted(unknown))}.")

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        serving = current()
        if serving is None:
            return await self._function(*args, **kwargs)
        call = self._call(serving, args, kwargs)
        try:
            return self._decode(await serving.cache.answer(call))
        except msgspec.DecodeError:  # kept by another version of the program
            return self._decode(await serving.cache.refresh(call))

    async def refresh(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function whatever is kept, and keep what it returns.

        Whoever calls this has decided that the actor may cause the work; nothing a visitor sends gets here alone.
        """
        serving = current()
        if serving is None:
            return await self._function(*args, **kwargs)
        return self._decode(await serving.cache.refresh(self._call(serving, args, kwargs)))

    def _call(self, serving: Serving, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Call:
        circle = serving.circle(self._scope, self._name)
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        chosen = self._chosen(bound, args, kwargs)
        try:
            text = as_text((circle, active.get().language, self._name, chosen))
        except TypeError as error:
            raise TypeError(f"{self._name}: {error} Name the arguments that tell its values apart: key=(…).") from None

        async def make() -> bytes:
            with within(serving, self._scope):
                return msgspec.json.encode(await self._function(*args, **kwargs))

        # Hashed and not normalised: names that look alike stay apart.
        name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return Call(name, self._name, self._tags_of(bound, args, kwargs), self._lifetime, make)

    def _chosen(self, bound: inspect.BoundArguments, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        if self._key is None:
            return bound.arguments
        if callable(self._key):
            return self._key(*args, **kwargs)
        return {name: bound.arguments[name] for name in self._key}

    def _tags_of(
        self, bound: inspect.BoundArguments, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[str, ...]:
        if callable(self._tags):
            return tuple(dict.fromkeys(self._tags(*args, **kwargs)))
        return tuple(dict.fromkeys(tag.format_map(bound.arguments) for tag in self._tags))

    @functools.cached_property
    def _decoder(self) -> msgspec.json.Decoder[Any]:
        # When it is first needed: a return type may be declared below the function.
        return msgspec.json.Decoder(get_type_hints(self._function).get("return", Any))

    def _decode(self, value: bytes) -> R:
        found: R = self._decoder.decode(value)
        return found
