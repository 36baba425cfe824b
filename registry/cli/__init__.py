"""Commands that join ``hallmark``: one function each, from its words to its exit status."""

from registry.cli.found import found
from registry.cli.processes import serve, work
from registry.cli.setup import ceremony, migrate
from registry.demo.command import demo

__all__ = ["ceremony", "demo", "found", "migrate", "serve", "work"]
