"""Commands that join ``hallmark``: one function each, from its words to its exit status."""

from registry.cli.backup import backup, restore
from registry.cli.copying import copy
from registry.cli.found import found
from registry.cli.keys import keys
from registry.cli.processes import serve, work
from registry.cli.publish import publish
from registry.cli.recover import recover
from registry.cli.setup import ceremony, migrate
from registry.cli.status import status
from registry.demo.command import demo

__all__ = [
    "backup", "ceremony", "copy", "demo", "found", "keys", "migrate", "publish", "recover",
    "restore", "serve", "status", "work",
]  # fmt: skip
