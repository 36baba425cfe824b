"""A backup of a test office, restored into an empty place, and a worker over that."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine

from keys import stream
from keys.signer import KeyPair
from registry.backup import parts, recipient
from registry.config import Config
from registry.records.session import open_engine
from registry.work import dumping, restoring, watermark
from registry.work.context import Context
from registry.work.dumping import Wanted
from registry.work.recovering import Asked
from registry.work.restoring import Place
from tests.registry.work import workshop

PAIR = KeyPair.from_seed(bytes(range(32)))
"""A backup key that everybody may know."""


def take(worker: Context, *, keys: bool = False) -> bytes:
    """A backup of a worker's registry."""
    out = io.BytesIO()
    wanted = Wanted(
        config=worker.config, now=worker.clock(), keys=keys, told=lambda _name, _count: None
    )
    writer = stream.Writer(out, stream.Label(parts.KIND, PAIR.public))
    dumping.take(worker.reading, wanted, writer)
    return out.getvalue()


def messages(data: bytes, pair: KeyPair = PAIR) -> Iterator[bytes]:
    """The opened stream of a backup."""
    return stream.read(io.BytesIO(data), parts.KIND, pair)


def name_key(folder: Path) -> None:
    """Put the public half of the backup key into a registry's folder."""
    (folder / recipient.FILE).write_bytes(recipient.text(PAIR.public))


@dataclass
class Again:
    """A restored registry with its worker."""

    folder: Path
    engine: Engine
    worker: Context

    def write(self, act):
        with self.worker.writing.begin() as session:
            return act(session)

    def read(self, statement):
        with self.worker.reading() as session:
            return session.execute(statement).all()

    def said(self, **more) -> Asked:
        """What an operator says who has the backup key at hand."""
        return Asked(watermark=watermark.read(self.worker.tree, PAIR), **more)

    def check(self, act):
        with self.worker.reading() as session:
            return act(session)


@contextmanager
def again(bench, backend, data: bytes, *, public: Path | None) -> Iterator[Again]:
    """Restore a backup beside the registry, with a copy of these public files."""
    folder = bench.folder.parent / "again"
    with backend.empty() as url:
        restoring.restore(messages(data), Place(folder, url), bench.clock())
        shutil.copytree(bench.folder / "keys", folder / "keys", dirs_exist_ok=True)
        if public is not None:
            shutil.copytree(public, folder / "public", dirs_exist_ok=True)
        settings = replace(Config.for_folder(folder), base=workshop.BASE)
        engine = open_engine(settings.database_url)
        try:
            yield Again(
                folder, engine,
                workshop.context(settings, bench.clock, bench.signers, engine=engine, chunk=4),
            )  # fmt: skip
        finally:
            engine.dispose()
