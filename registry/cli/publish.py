"""``hallmark publish``: a public tree moves from a folder to the storage of the settings."""

from pathlib import Path

from registry.cli import common
from registry.config import ConfigError
from registry.publish import moving
from registry.publish.storage import public_tree
from registry.publish.tree import FolderTree


def publish(argv: list[str]) -> int:
    """Copy all public files of a folder to where ``public_url`` says; nothing goes backwards."""
    parser = common.parser("publish", publish.__doc__)
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="FOLDER",
        help="the tree to copy (default: DIR/public)",
    )  # fmt: skip
    arguments = parser.parse_args(argv)
    try:
        config = common.config(arguments)
        if config.public_url is None:
            raise ConfigError("public_url is not set: there is only the folder of the registry")
        source = arguments.source or config.public
        if not source.is_dir():
            raise ConfigError(f"{source} is no folder")
        count = moving.copy(FolderTree(source), public_tree(config))
    except (*common.TROUBLE, moving.OlderError) as error:
        return common.fail(error)
    print(f"{count} files of {source} are in {config.public_url}")
    return 0
