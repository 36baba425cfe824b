"""Which storage holds the public tree: the registry's own folder, or the bucket of a setting."""

import re

from registry.config import Config, ConfigError
from registry.publish.bucket import BucketTree
from registry.publish.tree import FolderTree, PublicTree

_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9._-]+)*)/?")


def public_tree(config: Config) -> PublicTree:
    """The tree that the settings name.

    Raises:
        ConfigError: ``public_url`` is no address of a bucket.
    """
    if config.public_url is None:
        return FolderTree(config.public)
    found = _BUCKET.fullmatch(config.public_url)
    if found is None:
        raise ConfigError(
            f"public_url must be s3://BUCKET or s3://BUCKET/PREFIX, not {config.public_url[:120]!r}"
        )
    return BucketTree.at(found[1], found[2].strip("/"))
