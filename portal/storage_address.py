"""Where uploaded files go, as it is written among the settings, in parts."""

import base64
import binascii
import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("s3", "minio", "cos", "oss")
KEY_LENGTH = 32

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_REGION = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\]", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z0-9._/-]*", re.ASCII)
_SWITCHES = {"0": False, "1": True}


@dataclass(frozen=True)
class LocalAddress:
    folder: str


@dataclass(frozen=True)
class BucketAddress:
    """A bucket that is spoken to as Amazon's S3 is."""

    endpoint: str
    region: str
    bucket: str
    prefix: str
    """Ends with a slash unless it is empty."""
    virtual: bool
    """Whether the bucket's name is part of the host, not of the path."""
    signed: bool
    """Whether browsers send to and fetch from the bucket itself, by signed addresses."""
    identity: str
    secret: str = field(repr=False)

    @property
    def origin(self) -> str:
        """What browsers see of it."""
        scheme, _, host = self.endpoint.partition("://")
        return f"{scheme}://{self.bucket}.{host}" if self.virtual else self.endpoint


def read_address(url: str) -> LocalAddress | BucketAddress:
    """A `ValueError` is the end of a sentence, and tells nothing that is secret."""
    if url.startswith("local:"):
        if folder := url.removeprefix("local:"):
            return LocalAddress(folder)
        raise ValueError('it is "local:" and a folder.')
    scheme = url.partition("://")[0]
    if scheme not in SCHEMES or "://" not in url:
        raise ValueError('it begins with "local:", "s3://", "minio://", "cos://" or "oss://".')
    return _bucket(scheme, url)


def read_key(text: str) -> bytes:
    """The bytes of a storage key; a `ValueError` is the end of a sentence."""
    try:
        key = base64.b64decode(text.translate({45: 43, 95: 47}), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_LENGTH:
        raise ValueError(f"it is {KEY_LENGTH} random bytes in base64, as made by: openssl rand -base64 {KEY_LENGTH}")
    return key


def _bucket(scheme: str, url: str) -> BucketAddress:
    identity, secret, host, path, query = _parts(url)
    options = _options(query)
    bucket, _, prefix = path.strip("/").partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise ValueError("a bucket follows the host: 3 to 63 small letters, digits, points and hyphens.")
    if not _PREFIX.fullmatch(prefix) or any(part in ("", ".", "..") for part in prefix.split("/") if prefix):
        raise ValueError("what follows the bucket is a folder of plain letters, as in /bucket/portal.")
    prefix = f"{prefix}/" if prefix else ""
    if scheme in ("cos", "oss"):
        if not _REGION.fullmatch(host):
            raise ValueError(
                f'a region stands where the host would be, as in "{scheme}://ID:KEY@{_REGIONS[scheme]}/…".'
            )
        region = host.removeprefix("oss-") if scheme == "oss" else host
        endpoint = f"https://{_ENDPOINTS[scheme].format(region)}"
        return BucketAddress(endpoint, region, bucket, prefix, True, _switch(options, "signed"), identity, secret)
    tls = _switch(options, "tls", scheme == "s3")
    addressing = options.get("addressing", "path" if scheme == "minio" or _is_unnamed(host) else "virtual")
    if addressing not in ("path", "virtual"):
        raise ValueError('"addressing" is "path" or "virtual".')
    region = options.get("region") or "us-east-1"
    if not _REGION.fullmatch(region):
        raise ValueError('"region" is written as in "us-east-1".')
    virtual, signed = addressing == "virtual", _switch(options, "signed")
    return BucketAddress(
        f"{'https' if tls else 'http'}://{host}", region, bucket, prefix, virtual, signed, identity, secret
    )


_ENDPOINTS = {"cos": "cos.{}.myqcloud.com", "oss": "s3.oss-{}.aliyuncs.com"}
_REGIONS = {"cos": "ap-guangzhou", "oss": "cn-hangzhou"}


def _parts(url: str) -> tuple[str, str, str, str, str]:
    """Identity, secret, host with port, path and query."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(_SHAPE) from None
    host = parts.netloc.rpartition("@")[2]
    name = host.removesuffix(f":{port}")
    if not parts.username or not parts.password or not _HOST.fullmatch(name) or parts.fragment:
        raise ValueError(_SHAPE)
    return unquote(parts.username), unquote(parts.password), host, parts.path, parts.query


_SHAPE = 'it is written as in "s3://ID:SECRET@host/bucket"; in the secret, "/" is %2F, "+" is %2B and "@" is %40.'


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name in options:
        if name not in ("region", "addressing", "tls", "signed"):
            raise ValueError('after the "?" there may be region, addressing, tls and signed.')
    return options


def _switch(options: dict[str, str], name: str, default: bool = False) -> bool:
    value = options.get(name)
    if value is None:
        return default
    if value not in _SWITCHES:
        raise ValueError(f'"{name}" is 0 or 1.')
    return _SWITCHES[value]


def _is_unnamed(host: str) -> bool:
    """Whether no bucket's name can stand before it: a number, or this machine."""
    name = host if host.endswith("]") else host.partition(":")[0] if host.count(":") < 2 else host.rpartition(":")[0]
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost"
    return True
