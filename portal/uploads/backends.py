"""Which storage an address among the settings names."""

from pathlib import Path

from portal.storage_address import BucketAddress, read_address, read_key
from portal.uploads.storage import Storage


def open_storage(url: str, key: str | None = None) -> Storage:
    """Opens no connection yet. `key` is the `storage_key` of the settings: with it, all is encrypted at rest."""
    storage = _open(url)
    if key is None:
        return storage
    from portal.uploads.encryption import EncryptedStorage  # whoever doesn't encrypt doesn't wait for it

    return EncryptedStorage(storage, read_key(key))


def _open(url: str) -> Storage:
    address = read_address(url)
    if isinstance(address, BucketAddress):
        from portal.uploads.s3 import S3Storage  # it takes a while to import

        return S3Storage(address)
    from portal.uploads.local import LocalStorage

    return LocalStorage(Path(address.folder))
