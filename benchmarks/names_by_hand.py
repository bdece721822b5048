"""Keyed names of ids in one line of Python: hashes alone, and the library's names."""

import hmac
from base64 import b32encode
from functools import partial
from typing import Any

from roles_ours import name_numbers, owners
from roles_tables import KEY
from route import Numbers, Route


__all__ = ["JOBS"]


def hashes(ids: list[int]) -> list[str]:
    """Hash every id once, which makes names that are not known again."""
    return [hmac.digest(KEY, b"id:int:%d" % one, "sha256").hex() for one in ids]


def hashes_of_text(ids: list[str]) -> list[str]:
    """Do the same for text."""
    return [hmac.digest(KEY, b"id:text:" + one.encode(), "sha256").hex() for one in ids]


def names(ids: list[int]) -> list[str]:
    """Make the names that the library makes: two hashes each."""
    return [name(b"id:int:%d" % one) for one in ids]


def name(message: bytes) -> str:
    """Give the base32 of a digest and its check."""
    digest = hmac.digest(KEY, message, "sha256")[:16]
    check = hmac.digest(KEY, b"check:" + digest, "sha256")[:4]
    return "p-" + b32encode(digest + check).decode().lower()


def nothing(_: Any) -> Numbers:
    """Give no numbers: the names are others."""
    return {}


JOBS = {
    "hashes": Route(hashes, nothing, partial(owners, text=False)),
    "hashes_of_text": Route(hashes_of_text, nothing, partial(owners, text=True)),
    "names": Route(names, name_numbers, partial(owners, text=False)),
}
