"""Commands that join ``hallmark``: migrate, ceremony, serve, work, demo."""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from threading import Event

import uvicorn
from sqlalchemy.exc import ArgumentError, OperationalError

from keys import ceremony as key_ceremony
from keys import custody, plan
from keys.ceremony import Transcript
from keys.errors import CeremonyError, SealedFileError
from registry.config import Config, ConfigError, write_settings
from registry.custody import store
from registry.demo.command import demo
from registry.records.schema import migrate as migrate_database
from registry.records.session import open_engine
from registry.work import identities, issue, loop, open, publish, tidy
from registry.work.context import WorkError
from schemas.errors import FormatError

__all__ = ["ceremony", "demo", "migrate", "serve", "work"]

STEPS = (issue.step, publish.step, identities.step, tidy.step)
"""What a worker does, in turn."""
_FAILED = 1
_TROUBLE = (ConfigError, WorkError, SealedFileError, CeremonyError, FormatError, OSError)
_DATABASE = (ArgumentError, OperationalError)
"""A URL that is none, or a database that does not answer; SQLAlchemy tells no parameters."""


def migrate(argv: list[str]) -> int:
    """Bring the database to the tables of this version."""
    arguments = _parser("migrate", migrate.__doc__).parse_args(argv)
    try:
        config = _config(arguments)
        config.folder.mkdir(parents=True, exist_ok=True)
        migrate_database(open_engine(config.database_url))
    except (*_TROUBLE, *_DATABASE) as error:
        return _fail(error)
    print(f"database of {config.folder} is up to date")
    return 0


def ceremony(argv: list[str]) -> int:
    """Make root, issuer, authority, status and log keys from a written plan."""
    parser = _parser("ceremony", ceremony.__doc__)
    parser.add_argument("plan", type=Path, help="JSON, see keys/README.md")
    parser.add_argument(
        "--custodian", action="append", default=[], metavar="LABEL=FILE",
        help="a root holder of the plan and the file with that person's own passphrase",
    )  # fmt: skip
    try:
        held = _hold(parser.parse_args(argv))
    except _TROUBLE as error:
        return _fail(error)
    print(held.markdown())
    return 0


def serve(argv: list[str]) -> int:
    """Serve the pages and the API; holds no signing key."""
    parser = _parser("serve", serve.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args(argv)
    try:
        os.environ["HALLMARK_DIR"] = str(_config(arguments).folder)
    except ConfigError as error:
        return _fail(error)
    uvicorn.run(
        "registry.app:from_environment", factory=True, host=arguments.host, port=arguments.port,
        workers=arguments.workers, log_level="warning", access_log=False, server_header=False,
        date_header=True, proxy_headers=False,
    )  # fmt: skip
    return 0


def work(argv: list[str]) -> int:
    """Prepare, sign, issue and publish: the only process that opens signing keys."""
    parser = _parser("work", work.__doc__)
    parser.add_argument("--once", action="store_true", help="stop when nothing is left to do")
    arguments = parser.parse_args(argv)
    stop = Event()
    try:
        context = open.context(_config(arguments), loop.now)
        if arguments.once:
            done = loop.run_until_idle(context, STEPS)
            print(f"{done} steps")
            return 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        loop.run_forever(context, STEPS, stop, _report)
    except (*_TROUBLE, *_DATABASE) as error:
        return _fail(error)
    return 0


def _hold(arguments: argparse.Namespace) -> Transcript:
    config = _config(arguments)
    made = plan.parse(arguments.plan.read_bytes())
    if (config.folder / "hallmark.toml").exists() and config.base != made.base:
        raise ConfigError(f"the plan is for {made.base}, hallmark.toml says {config.base}")
    # Whatever may fail comes before the root is written: without it the folder is destroyed.
    passphrase = _passphrase(config.passphrase_file, "HALLMARK_PASSPHRASE_FILE")
    _passphrase(config.personal_passphrase_file, "HALLMARK_PERSONAL_PASSPHRASE_FILE")
    holders = {
        label: _passphrase(Path(file) if file else None, f"--custodian {label}=")
        for label, _, file in (each.partition("=") for each in arguments.custodian)
    }
    store.create(config, "personal.1")
    held = key_ceremony.run(
        made, config.folder, passphrase, int(time.time()), os.urandom, holder_passphrases=holders
    )
    config.public.joinpath("trust").mkdir(parents=True, exist_ok=True)
    for name in ("1", "latest"):
        config.public.joinpath("trust", name).write_bytes(held.trust_list)
    if not (config.folder / "hallmark.toml").exists():
        write_settings(config.folder, {"base": made.base})
    return held


def _report(step: str, error: Exception) -> None:
    known = isinstance(error, _TROUBLE)
    line = {"at": loop.now(), "step": step, "error": type(error).__name__}
    # Foreign errors may quote rows; only our own sentences are free of personal data.
    print(json.dumps(line | ({"why": str(error)} if known else {})), file=sys.stderr, flush=True)


def _parser(name: str, about: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"hallmark {name}", description=about)
    parser.add_argument("--dir", type=Path, help="the registry's folder (default: HALLMARK_DIR)")
    return parser


def _config(arguments: argparse.Namespace) -> Config:
    if arguments.dir is None:
        return Config.from_environment(os.environ)
    return Config.for_folder(arguments.dir, os.environ)


def _passphrase(file: Path | None, setting: str) -> bytes:
    if file is None:
        raise ConfigError(f"{setting} is not set: name a file that only you can read")
    return custody.read_passphrase(file)


def _fail(error: Exception) -> int:
    print(f"hallmark: {error}", file=sys.stderr)
    return _FAILED
