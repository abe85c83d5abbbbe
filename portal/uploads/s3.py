"""Files in a bucket: Amazon's S3 and what speaks as it does (MinIO, Tencent COS, Aliyun OSS, SeaweedFS)."""

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from portal.errors import StorageError
from portal.i18n import _
from portal.storage_address import BucketAddress
from portal.uploads.storage import StoredObject, UploadClosed
from portal.uploads.threads import THREADS

PIECE = 256 * 1024
WHOLE = 64 * 1024 * 1024
"""Up to so many bytes are sent, or copied, at once; more in pieces, so that no single answer takes too long."""

_MISSING = ("404", "NoSuchKey", "NotFound")
_WRONG_RANGE = ("416", "InvalidRange")
_NO_UPLOAD = ("NoSuchUpload",)


class S3Storage:
    """One bucket, or what lies below a prefix of it."""

    def __init__(self, address: BucketAddress) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._made: tuple[int, Any] | None = None
        self.direct = address.signed
        self.origins: tuple[str, ...] = (address.origin,) if address.signed else ()

    def put(self, key: str, source: Path, media_type: str) -> None:
        with telling_s3_errors():
            self._client.upload_file(
                str(source), *self._target(key), ExtraArgs={"ContentType": media_type}, Config=_transfer()
            )

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        if length == 0:
            return iter(())
        pieces = self._pieces(key, start, length)
        next(pieces, b"")  # asks the place: that it is missing is said here, and from here on the answer is closed
        return pieces

    def stat(self, key: str) -> StoredObject | None:
        with telling_s3_errors():
            try:
                found = self._client.head_object(**self._named(key))
            except ClientError as error:
                if code_of(error) in _MISSING:
                    return None
                raise
        return StoredObject(key, found["ContentLength"], found["LastModified"])

    def delete(self, key: str) -> None:
        with telling_s3_errors():
            self._client.delete_object(**self._named(key))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        for page in self._pages("list_objects_v2", prefix):
            for found in page.get("Contents", ()):
                if not found["Key"].endswith("/"):
                    yield StoredObject(self._own(found["Key"]), found["Size"], found["LastModified"])

    def rename(self, source: str, target: str, media_type: str) -> None:
        extra = {"ContentType": media_type, "MetadataDirective": "REPLACE"}
        with telling_s3_errors():
            self._client.copy(self._named(source), *self._target(target), ExtraArgs=extra, Config=_transfer())
            self._client.delete_object(**self._named(source))

    def signed_url(self, key: str, seconds: int, disposition: str, media_type: str) -> str | None:
        if not self.direct:
            return None
        return self._sign(
            "get_object", key, seconds, ResponseContentDisposition=disposition, ResponseContentType=media_type
        )

    # -- big files, in parts

    def begin_parts(self, key: str, media_type: str) -> str:
        with telling_s3_errors():
            begun = self._client.create_multipart_upload(**self._named(key), ContentType=media_type)
            return str(begun["UploadId"])

    def part_url(self, key: str, upload: str, number: int, length: int, seconds: int) -> str | None:
        """The length is among what is signed: more, or less, is refused by the place itself."""
        if not self.direct:
            return None
        return self._sign("upload_part", key, seconds, UploadId=upload, PartNumber=number, ContentLength=length)

    def put_part(self, key: str, upload: str, number: int, source: Path) -> None:
        with telling_s3_errors(), source.open("rb") as content:
            self._client.upload_part(**self._named(key), UploadId=upload, PartNumber=number, Body=content)

    def parts(self, key: str, upload: str) -> Mapping[int, int]:
        return {part["PartNumber"]: part["Size"] for part in self._parts(key, upload)}

    def finish_parts(self, key: str, upload: str, media_type: str) -> None:
        arrived = sorted(self._parts(key, upload), key=lambda part: int(part["PartNumber"]))
        told = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in arrived]
        with telling_s3_errors():
            self._client.complete_multipart_upload(**self._named(key), UploadId=upload, MultipartUpload={"Parts": told})

    def abort_parts(self, key: str, upload: str) -> None:
        with telling_s3_errors():
            try:
                self._client.abort_multipart_upload(**self._named(key), UploadId=upload)
            except ClientError as error:
                if code_of(error) not in (*_NO_UPLOAD, *_MISSING):
                    raise

    def unfinished(self) -> Iterator[tuple[str, str, datetime]]:
        for page in self._pages("list_multipart_uploads", ""):
            for found in page.get("Uploads", ()):
                yield self._own(found["Key"]), found["UploadId"], found["Initiated"]

    # -- the bucket

    @property
    def _client(self) -> Any:
        """Made when first asked for, once a process: what threads may share, forked processes may not."""
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                self._made = os.getpid(), _connect(self._address)
            return self._made[1]

    def _target(self, key: str) -> tuple[str, str]:
        return self._address.bucket, self._address.prefix + key

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self._address.bucket, "Key": self._address.prefix + key}

    def _own(self, name: str) -> str:
        return name.removeprefix(self._address.prefix)

    def _pages(self, method: str, prefix: str) -> Iterator[Any]:
        with telling_s3_errors():
            pages = self._client.get_paginator(method)
            yield from pages.paginate(Bucket=self._address.bucket, Prefix=self._address.prefix + prefix)

    def _parts(self, key: str, upload: str) -> Iterator[Any]:
        with telling_s3_errors():
            for page in self._client.get_paginator("list_parts").paginate(**self._named(key), UploadId=upload):
                yield from page.get("Parts", ())

    def _sign(self, method: str, key: str, seconds: int, **parameters: Any) -> str:
        with telling_s3_errors():
            named = {**self._named(key), **parameters}
            return str(self._client.generate_presigned_url(method, Params=named, ExpiresIn=seconds))

    def _pieces(self, key: str, start: int, length: int | None) -> Iterator[bytes]:
        wanted = {"Range": f"bytes={start}-{'' if length is None else start + length - 1}"}
        with telling_s3_errors():
            try:
                answer = self._client.get_object(**self._named(key), **(wanted if start or length else {}))
            except ClientError as error:
                if code_of(error) in _WRONG_RANGE:
                    return
                if code_of(error) in _MISSING:
                    raise FileNotFoundError(key) from error
                raise
            with contextlib.closing(answer["Body"]) as body:
                yield b""
                while piece := body.read(PIECE):
                    yield piece


def code_of(error: ClientError) -> str:
    """What the place calls the mistake."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextlib.contextmanager
def telling_s3_errors() -> Iterator[None]:
    """Whatever the place refuses, as a sentence; the cause stays with it for the log and the doctor."""
    try:
        yield
    except ClientError as error:
        if code_of(error) in _NO_UPLOAD:
            raise UploadClosed from error
        raise StorageError(_("The file storage refuses what is asked of it. Please tell the administrator.")) from error
    except (BotoCoreError, Boto3Error) as error:
        raise StorageError from error


def _transfer() -> Any:
    """In the thread we are in: its number is bounded, that of the transfer's own is not."""
    from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped]

    return TransferConfig(multipart_threshold=WHOLE, multipart_chunksize=WHOLE // 4, use_threads=False)


def _connect(address: BucketAddress) -> Any:
    import boto3  # type: ignore[import-untyped]
    from botocore.config import Config  # type: ignore[import-untyped]

    session = boto3.session.Session(
        aws_access_key_id=address.identity, aws_secret_access_key=address.secret, region_name=address.region
    )
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual" if address.virtual else "path"},
        # Newer checksums are Amazon's own; the others refuse them.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=3,
        read_timeout=10,
        retries={"total_max_attempts": 3, "mode": "standard"},
        max_pool_connections=THREADS,
    )
    return session.client("s3", endpoint_url=address.endpoint, config=config)
