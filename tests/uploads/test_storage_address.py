"""How the place for uploaded files is written among the settings."""

import base64

import pytest

from portal.addresses import check_media, check_storage, check_storage_key, without_password
from portal.settings import Settings
from portal.storage_address import BucketAddress, LocalAddress, read_address


@pytest.mark.parametrize(
    ("url", "endpoint", "region", "origin"),
    [
        (
            "s3://ID:SE%2FC@s3.eu-west-1.amazonaws.com/files?region=eu-west-1",
            "https://s3.eu-west-1.amazonaws.com",
            "eu-west-1",
            "https://files.s3.eu-west-1.amazonaws.com",
        ),
        ("s3://ID:SE%2FC@127.0.0.1:8333/files?tls=0", "http://127.0.0.1:8333", "us-east-1", "http://127.0.0.1:8333"),
        ("s3://ID:SE%2FC@[::1]:8333/files?tls=0", "http://[::1]:8333", "us-east-1", "http://[::1]:8333"),
        ("minio://ID:SE%2FC@minio:9000/files", "http://minio:9000", "us-east-1", "http://minio:9000"),
        (
            "cos://ID:SE%2FC@ap-guangzhou/files-1250000000",
            "https://cos.ap-guangzhou.myqcloud.com",
            "ap-guangzhou",
            "https://files-1250000000.cos.ap-guangzhou.myqcloud.com",
        ),
        (
            "oss://ID:SE%2FC@oss-cn-hangzhou/files",
            "https://s3.oss-cn-hangzhou.aliyuncs.com",
            "cn-hangzhou",
            "https://files.s3.oss-cn-hangzhou.aliyuncs.com",
        ),
    ],
)
def test_preset_gives_host_and_region(url: str, endpoint: str, region: str, origin: str) -> None:
    address = read_address(url)
    assert isinstance(address, BucketAddress)
    assert (address.endpoint, address.region, address.origin) == (endpoint, region, origin)
    assert (address.identity, address.secret, address.signed) == ("ID", "SE/C", False)
    assert "SE/C" not in repr(address)
    assert check_storage(url) is None


def test_folder_within_the_bucket_and_switches_are_taken() -> None:
    address = read_address("s3://ID:S@host.example.com/files/portal/media?addressing=path&signed=1")
    assert isinstance(address, BucketAddress)
    assert (address.bucket, address.prefix) == ("files", "portal/media/")
    assert (address.virtual, address.signed) == (False, True)
    assert read_address("local:/srv/media") == LocalAddress("/srv/media")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "begins with"),
        ("ftp://a:hush@b/files", "begins with"),
        ("local:", "a folder"),
        ("s3://host/files", "is written as in"),
        ("s3://ID:hu/sh@host/files", "is written as in"),
        ("s3://ID:hush@host:port/files", "is written as in"),
        ("s3://ID:hush@host/", "a bucket follows"),
        ("s3://ID:hush@host/Files", "a bucket follows"),
        ("s3://ID:hush@host/files/../other", "a folder"),
        ("s3://ID:hush@host/files?tls=yes", '"tls" is 0 or 1'),
        ("s3://ID:hush@host/files?adressing=path", "there may be region"),
        ("s3://ID:hush@host/files?addressing=host", '"addressing" is'),
        ("cos://ID:hush@cos.ap-guangzhou.myqcloud.com/files-1", "a region stands"),
    ],
)
def test_mistake_is_told_without_the_secret(url: str, complaint: str) -> None:
    told = check_storage(url)
    assert told is not None and complaint in told
    assert "hush" not in told and "hu/sh" not in told


def test_settings_show_no_secret_of_the_storage() -> None:
    key = base64.b64encode(b"k" * 32).decode()
    shown = repr(Settings(storage_url="s3://ID:hu/sh@host/files", storage_key=key))
    assert "hu/sh" not in shown and key not in shown
    assert "s3://ID:***@host/files" in shown
    assert without_password("minio://ID:a@b/c@host/files") == "minio://ID:***@host/files"


def test_storage_key_is_32_bytes() -> None:
    for wrong in ("k" * 32, "", "é", "AA=="):
        assert check_storage_key(wrong) is not None
    assert check_storage_key(base64.b64encode(b"\xff" * 32).decode()) is None
    assert check_storage_key(base64.urlsafe_b64encode(b"\xff" * 32).decode()) is None


def test_media_address_has_no_slash_at_its_end() -> None:
    assert check_media("https://cdn.example.com") is None
    assert check_media("https://cdn.example.com/media/files") is None
    for wrong in ("cdn.example.com", "https://cdn.example.com/", "https://a:b@c", "https://a/b?c", "javascript:x"):
        assert check_media(wrong) is not None
