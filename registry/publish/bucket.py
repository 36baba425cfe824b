"""The public tree in a bucket of an S3-compatible storage, under a prefix or at its top.

A put of S3 is whole and durable when it is answered. Every put says which version it replaces, so
that a writer that was held up cannot bring an old file back over a newer one. Which bucket and how
to reach it come from the settings; keys and endpoint from the ``AWS_…`` variables that every
client of S3 knows.
"""

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotSupportedError,
    PreconditionError,
)
from obstore.store import ObjectStore, S3Store

from registry.publish.headers import PRIVATE, served
from registry.publish.tree import TreeError, parts_of

LISTING = 10
"""Seconds for which a listing is good enough."""
SIDE_BY_SIDE = 16
"""Requests under way at once."""
_INDEPENDENT = ("n", "i")
"""First parts of paths whose files may be written in any order among themselves: no note speaks of
another note, no tile of another tile."""
_TIMEOUT, _RETRIES = 10, 3

_Attributes: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Object:
    data: bytes
    tag: str | None
    attributes: _Attributes


class BucketTree:
    """Files as objects, with the headers that a CDN before the bucket hands on."""

    def __init__(
        self, store: ObjectStore, name: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Use an open store.

        Args:
            store: where paths are keys.
            name: what errors call it, e.g. ``s3://bucket/prefix``.
            monotonic: seconds, for the age of listings.
        """
        self._store = store
        self._name = name
        self._monotonic = monotonic
        self.listing = LISTING
        self._listed: dict[str, tuple[float, Mapping[str, str]]] = {}

    @classmethod
    def at(cls, bucket: str, prefix: str) -> "BucketTree":
        """A bucket of the storage that ``AWS_ENDPOINT_URL`` and its kin name."""
        store = S3Store(
            bucket,
            prefix=prefix or None,
            client_options={
                "timeout": f"{_TIMEOUT}s",
                "connect_timeout": f"{_TIMEOUT}s",
                # Limits alone would take back what that variable allows.
                "allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() == "true",
            },
            retry_config={"max_retries": _RETRIES},
        )
        return cls(store, f"s3://{bucket}/{prefix}".rstrip("/"))

    def get(self, path: str) -> bytes | None:
        """The object's bytes, or None where there is none; raises TreeError."""
        found = self._find(path)
        return None if found is None else found.data

    def put(self, path: str, data: bytes) -> bool:
        """Write the object where bytes or headers differ; raises TreeError."""
        return self._replace(path, data, self._find(path))

    def put_all(self, files: Mapping[str, bytes]) -> bool:
        """Write in order; notes among themselves and tiles among themselves side by side."""
        changed = False
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for kind, group in groupby(files, lambda path: parts_of(path)[0]):
                together = list(group)
                turns = [together] if kind in _INDEPENDENT else [[path] for path in together]
                for paths in turns:
                    answers = pool.map(self.put, paths, [files[path] for path in paths])
                    # Every answer is waited for: no put of one turn lies after one of the next.
                    changed |= any([*answers])
        return changed

    def list(self, prefix: str) -> Mapping[str, str]:
        """Paths with the tags that the storage gave them; raises TreeError.

        What others wrote may be ``listing`` seconds old: a worker asks twice a second.
        """
        now = self._monotonic()
        at, found = self._listed.get(prefix, (now - self.listing, {}))
        if now - at >= self.listing:
            found = self._list(prefix)
            self._listed[prefix] = (now, found)
        return found

    def _list(self, prefix: str) -> Mapping[str, str]:
        # S3 lists by any beginning, this client by whole parts of a path only.
        folder = prefix.rpartition("/")[0]
        try:
            pages = list(obstore.list(self._store, folder or None))
        except (BaseError, OSError) as error:
            raise self._trouble("list", prefix, error) from None
        found = {each["path"]: str(each["e_tag"]) for page in pages for each in page}
        return {path: found[path] for path in sorted(found) if path.startswith(prefix)}

    def _find(self, path: str) -> _Object | None:
        key = "/".join(parts_of(path))
        try:
            found = obstore.get(self._store, key)
            data = bytes(found.bytes())
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise self._trouble("read", path, error) from None
        return _Object(data, found.meta["e_tag"], {k: str(v) for k, v in found.attributes.items()})

    def _replace(self, path: str, data: bytes, before: _Object | None) -> bool:
        how = served(path) or PRIVATE
        attributes = {"Content-Type": how.media_type, "Cache-Control": how.cache_control}
        if before is not None and before.data == data and before.attributes == attributes:
            return False
        key = "/".join(parts_of(path))
        self._listed.clear()
        try:
            try:
                obstore.put(
                    self._store, key, data, attributes=attributes, use_multipart=False,
                    mode="create" if before is None else {"e_tag": before.tag},
                )  # fmt: skip
            except NotSupportedError:
                # A storage that is told to know no conditions (AWS_CONDITIONAL_PUT=disabled).
                obstore.put(self._store, key, data, attributes=attributes, use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            raise TreeError(
                f"{self._name}/{path}: another writer replaced it at the same time; "
                "it is looked at again with the next step"
            ) from None
        except (BaseError, OSError) as error:
            raise self._trouble("write", path, error) from None
        return True

    def _trouble(self, verb: str, path: str, error: Exception) -> TreeError:
        # The client's own words run over many lines and quote whole answers.
        said = " ".join(str(error).split())[:200]
        return TreeError(
            f"{self._name}/{path}: the storage did not {verb} it ({said}); nothing is handed over "
            "until it does; check endpoint, credentials and the bucket's policy"
        )
