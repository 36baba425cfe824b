"""Where a registry lives and what it is called: one folder, a few settings, environment first."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeAlias

from schemas.errors import FormatError
from schemas.facts import check_base

SETTINGS = frozenset({
    "base", "database_url", "passphrase_file", "personal_passphrase_file", "sample",
    "contact_phone", "contact_site", "serve_metrics_port", "work_metrics_port", "public_url",
    "trusted_proxies",
})  # fmt: skip
"""What ``hallmark.toml`` may say."""
PORTS = ("serve_metrics_port", "work_metrics_port")
"""Those that are whole numbers."""

Network: TypeAlias = IPv4Network | IPv6Network


class ConfigError(Exception):
    """A setting is missing or cannot be used; the message says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of one registry.

    ``HALLMARK_DIR`` names the folder; ``hallmark.toml`` in it holds the other settings; each can be
    overridden by its own environment variable (see ``registry/operations/README.md``).
    """

    folder: Path
    database_url: str
    base: str
    """Origin in QR codes and documents, e.g. ``https://certs.example.gov.cn``."""
    passphrase_file: Path | None
    """Holds the passphrase of the signing keys; only workers and ceremonies read it."""
    personal_passphrase_file: Path | None
    """Holds the passphrase of the keys over ID numbers; the web process reads only this one."""
    sample: bool
    """A demonstration: everything it shows and prints is watermarked as a sample."""
    contact_phone: str | None = None
    """Where a reader of a verdict may call; a status note's own number comes first."""
    contact_site: str | None = None
    """Name or address of the official query site, as sentences and pages give it."""
    serve_metrics_port: int | None = None
    """Port on the loopback where ``serve`` tells its counts; none: nowhere."""
    work_metrics_port: int | None = None
    """The same of ``work``."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed; default nobody's."""
    public_url: str | None = None
    """Bucket of the public files, ``s3://BUCKET/PREFIX``; none: the folder ``public``."""

    @property
    def contact(self) -> dict[str, str]:
        """``phone`` and ``site``, as far as they are set, for :func:`verifier.render.document`."""
        given = {"phone": self.contact_phone, "site": self.contact_site}
        return {name: value for name, value in given.items() if value}

    @property
    def public(self) -> Path:
        """The static tree that a CDN may carry, unless :attr:`public_url` says another place."""
        return self.folder / "public"

    @property
    def keys(self) -> Path:
        """Sealed key files of this machine."""
        return self.folder / "keys"

    @property
    def personal(self) -> Path:
        """Sealed keys over ID numbers; nothing in it can sign."""
        return self.folder / "personal"

    @property
    def root_note(self) -> Path:
        """The pinned anchor."""
        return self.folder / "root.note"

    @classmethod
    def for_folder(cls, folder: Path, environ: Mapping[str, str] | None = None) -> "Config":
        """Read ``hallmark.toml`` of a folder; the environment wins over the file.

        Raises:
            ConfigError: the file is not TOML, or a setting is unknown or of the wrong type.
        """
        environ = environ or {}
        settings = _read(folder / "hallmark.toml")
        files = {
            name: folder / str(file) if file else None
            for name in ("passphrase_file", "personal_passphrase_file")
            for file in [environ.get(f"HALLMARK_{name.upper()}", settings.get(name))]
        }
        base = str(environ.get("HALLMARK_BASE_URL", settings.get("base", "http://127.0.0.1:8000")))
        try:
            check_base(base)
        except FormatError:
            raise ConfigError(
                f"base must be an origin such as https://host, not {base[:120]!r}"
            ) from None
        return cls(
            folder=folder,
            database_url=str(
                environ.get(
                    "HALLMARK_DATABASE_URL",
                    settings.get("database_url", f"sqlite:///{folder / 'hallmark.db'}"),
                )
            ),
            base=base,
            passphrase_file=files["passphrase_file"],
            personal_passphrase_file=files["personal_passphrase_file"],
            sample=settings.get("sample", False) is True,
            contact_phone=_words(settings, "contact_phone"),
            contact_site=_words(settings, "contact_site"),
            serve_metrics_port=_port(environ, settings, "serve_metrics_port"),
            work_metrics_port=_port(environ, settings, "work_metrics_port"),
            trusted_proxies=_networks(settings, "trusted_proxies"),
            public_url=environ.get("HALLMARK_PUBLIC_URL") or _words(settings, "public_url"),
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Config":
        """The registry that ``HALLMARK_DIR`` names (default ``var/registry``)."""
        return cls.for_folder(Path(environ.get("HALLMARK_DIR", "var/registry")), environ)


def write_settings(folder: Path, settings: Mapping[str, str | bool]) -> None:
    """Write ``hallmark.toml`` of a folder (strings and booleans only)."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()]
    (folder / "hallmark.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _words(settings: Mapping[str, object], name: str) -> str | None:
    value = settings.get(name)
    if value is not None and (not isinstance(value, str) or not value.isprintable()):
        raise ConfigError(f"{name} must be one line of text, not {value!r}")
    return value or None


def _port(environ: Mapping[str, str], settings: Mapping[str, object], name: str) -> int | None:
    given = environ.get(f"HALLMARK_{name.upper()}", settings.get(name))
    if given is None or given == "":
        return None
    try:
        port = int(str(given))
    except ValueError:
        port = -1
    if not 0 < port < 65536:
        raise ConfigError(f"{name} must be a port from 1 to 65535, not {str(given)[:20]!r}")
    return port


def _networks(settings: Mapping[str, object], name: str) -> tuple[Network, ...]:
    given = settings.get(name, [])
    # As texts, because numbers would be read as addresses, too.
    texts = [str(each) for each in given] if isinstance(given, list) else []
    try:
        return tuple(ip_network(each) for each in texts)
    except ValueError as error:
        raise ConfigError(f"{name} must be a list of addresses and networks: {error}") from None


def _type(name: str) -> type:
    if name == "trusted_proxies":
        return list
    return bool if name == "sample" else int if name in PORTS else str


def _read(path: Path) -> dict[str, object]:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    # A misspelt name must not leave a default in force that nobody wanted.
    if unknown := sorted(settings.keys() - SETTINGS):
        raise ConfigError(f"{path}: unknown setting {', '.join(unknown)}")
    for name, value in settings.items():
        if type(value) is not _type(name):
            raise ConfigError(f"{path}: {name} has the wrong type")
    return settings
