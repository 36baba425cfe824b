"""``hallmark``: ``verify`` is here; other commands join by the entry points of their package."""

import os
import sys
import time
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points

from verifier import command
from verifier.fetch import HttpSource

GROUP = "hallmark.commands"
"""Entry-point group; each entry is called with the arguments and returns an exit status."""
_ABOUT = {
    "verify": "check certificates, on line or off line",
    "serve": "serve the registry's pages",
    "work": "sign, issue and publish what waits",
    "demo": "build and serve a whole registry of invented people",
    "migrate": "bring the database to the present form",
    "status": "tell queues, ages, workers and troubles, and what to do",
    "copy": "move a trial from its SQLite file to PostgreSQL",
    "ceremony": "make the registry's keys and first trust list",
    "keys": "list, add, close and publish keys over the years",
    "found": "record bodies, sites and people from a written plan",
    "publish": "copy the public files of a folder to the storage of the settings",
    "backup": "write an encrypted backup, make its key, check one",
    "restore": "restore a backup into an empty folder and database",
    "recover": "bring a restored registry forward from its public files",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if arguments else command.USAGE
    name, *rest = arguments
    if name == "verify":
        return _verify(rest)
    found = _commands().get(name)
    if found is None:
        print(f"hallmark: no command {name[:80]!r}\n\n{_help()}", file=sys.stderr)
        return command.USAGE
    return _run(found, rest)


def _verify(rest: list[str]) -> int:
    try:
        status = command.run(rest, int(time.time()), HttpSource)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (``| head``) has gone: say nothing, and let nothing more be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SystemExit as ended:
        # How the argument parser answers --help.
        return int(ended.code or 0)
    return status


def _run(entry: EntryPoint, rest: list[str]) -> int:
    try:
        loaded = entry.load()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("registry", "verifier"):
            # A fault of ours, not something to be installed.
            raise
        print(
            f"hallmark {entry.name} needs more than the verifier ({error.name} is missing); "
            'install it with: pip install "hallmark-registry[registry]"',
            file=sys.stderr,
        )
        return command.USAGE
    return int(loaded(rest) or 0)


def _commands() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _help() -> str:
    names = ["verify", *sorted(_commands())]
    lines = ["usage: hallmark COMMAND ...", "", "commands:"]
    lines += [f"  {name:<10} {_ABOUT.get(name, '')}".rstrip() for name in names]
    return "\n".join([*lines, "", "hallmark COMMAND --help tells more."])


if __name__ == "__main__":
    sys.exit(main())
