"""Setting up a folder: tables and keys."""

import argparse
import os
import time
from pathlib import Path

from keys import ceremony as key_ceremony
from keys import plan
from keys.ceremony import Transcript
from keys.errors import CeremonyError
from registry.cli import common
from registry.config import ConfigError, write_settings
from registry.custody import store
from registry.publish.storage import public_tree
from registry.records.schema import migrate as migrate_database
from registry.records.session import open_engine


def migrate(argv: list[str]) -> int:
    """Bring the database to the tables of this version."""
    arguments = common.parser("migrate", migrate.__doc__).parse_args(argv)
    try:
        config = common.config(arguments)
        config.folder.mkdir(parents=True, exist_ok=True)
        migrate_database(open_engine(config.database_url))
    except (*common.TROUBLE, *common.DATABASE) as error:
        return common.fail(error)
    print(f"database of {config.folder} is up to date")
    return 0


def ceremony(argv: list[str]) -> int:
    """Make root, issuer, authority, status and log keys from a written plan."""
    parser = common.parser("ceremony", ceremony.__doc__)
    parser.add_argument("plan", type=Path, help="JSON, see keys/README.md")
    parser.add_argument(
        "--custodian", action="append", default=[], metavar="LABEL=FILE",
        help="a root holder of the plan and the file with that person's own passphrase",
    )  # fmt: skip
    try:
        held = _hold(parser.parse_args(argv))
    except common.TROUBLE as error:
        return common.fail(error)
    print(held.markdown())
    return 0


def _hold(arguments: argparse.Namespace) -> Transcript:
    config = common.config(arguments)
    made = plan.parse(arguments.plan.read_bytes())
    if (config.folder / "hallmark.toml").exists() and config.base != made.base:
        raise ConfigError(f"the plan is for {made.base}, hallmark.toml says {config.base}")
    # Whatever may fail comes before the root is written: without it the folder is destroyed.
    passphrase = common.passphrase(config.passphrase_file, "HALLMARK_PASSPHRASE_FILE")
    common.passphrase(config.personal_passphrase_file, "HALLMARK_PERSONAL_PASSPHRASE_FILE")
    holders = {
        label: common.passphrase(Path(file) if file else None, f"--custodian {label}=")
        for label, _, file in (each.partition("=") for each in arguments.custodian)
    }
    # Storage that does not answer is better known before there are keys.
    tree = public_tree(config)
    if tree.list("trust/"):
        raise CeremonyError("a trust list is published there already; this would be another's")
    store.create(config, "personal.1")
    held = key_ceremony.run(
        made, config.folder, passphrase, int(time.time()), os.urandom, holder_passphrases=holders
    )
    tree.put_all({"trust/1": held.trust_list, "trust/latest": held.trust_list})
    if not (config.folder / "hallmark.toml").exists():
        write_settings(config.folder, {"base": made.base})
    return held
