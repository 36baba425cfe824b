"""Moving a registry from its SQLite file to PostgreSQL."""

import os
import re
import sys
from pathlib import Path

from sqlalchemy import make_url

from registry.cli import common
from registry.work import copying

_SETTING = re.compile(r"^database_url\s*=.*\n?", re.MULTILINE)


def copy(argv: list[str]) -> int:
    """Copy the registry from its SQLite file to an empty PostgreSQL database, and go on there."""
    parser = common.parser("copy", copy.__doc__)
    parser.add_argument(
        "--to", required=True, metavar="URL",
        help="an empty database: postgresql+psycopg://USER@HOST/DATABASE",
    )  # fmt: skip
    arguments = parser.parse_args(argv)
    try:
        config = common.config(arguments)
        copied = copying.copy(config.database_url, arguments.to, _progress)
        for name, each in copied.tables.items():
            print(f"{name:<28} {each.rows:>12}  {each.digest:064x}")
        print(f"{copied.rows} rows in {len(copied.tables)} tables, counted and compared")
        _set(config.folder / "hallmark.toml", arguments.to)
    except (*common.TROUBLE, *common.DATABASE) as error:
        return common.fail(error)
    print(f"{config.folder / 'hallmark.toml'} names the new database; the old file takes no act")
    if "HALLMARK_DATABASE_URL" in os.environ:
        print("HALLMARK_DATABASE_URL is set and wins over the file: change it too")
    return 0


def _progress(what: str, count: int) -> None:
    print(f"  {what:<36} {count:>12}", file=sys.stderr, flush=True)


def _set(path: Path, url: str) -> None:
    """Name the database in the settings; for their owner only where the URL holds a password."""
    before = path.read_text("utf-8") if path.exists() else ""
    escaped = url.replace("\\", "\\\\").replace('"', '\\"')
    text = f'database_url = "{escaped}"\n{_SETTING.sub("", before)}'
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    if make_url(url).password is not None:
        mode &= 0o600
    partial = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.chmod(partial, mode)
    os.replace(partial, path)
