"""The first ceremony: every key, the root, trust list 1, and a transcript that anyone may read.

The whole ceremony is :func:`run`. What it writes under its folder::

    keys/*.key                    sealed keys of the machines that sign
    custodians/<label>/*.key      one folder per root holder, who takes it away
    trust/1                       trust list 1, signed by as many holders as the threshold asks
    transcript.md                 public keys, fingerprints and hashes; no secret
    root.note                     the anchor to pin, written last: where it is, all else is whole
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from keys import note, sealed, succession
from keys.errors import CeremonyError
from keys.plan import Plan, PlannedKey
from keys.sealed import MODERATE, Cost
from keys.signer import KeyPair, PublicKey, Random
from schemas import dates, trust
from schemas.certificate import Instant
from schemas.trust import Holder, HolderKey, Key, Log, Root, TrustList


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key in the transcript."""

    name: str
    role: str
    """A role of the trust list, or ``root``."""
    body: str | None
    public: PublicKey
    file: str
    """Path of its sealed file, relative to the ceremony's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was made; holds no secret."""

    registry: str
    at: Instant
    threshold: int
    entries: tuple[Entry, ...]
    root_note: bytes
    trust_list: bytes

    def markdown(self) -> str:
        """Print for people: what is read out, compared, signed by hand and kept."""
        return "".join(f"{line}\n" for line in _lines(self))


def run(
    plan: Plan,
    folder: Path,
    passphrase: bytes,
    now: Instant,
    random: Random,
    *,
    holder_passphrases: Mapping[str, bytes] | None = None,
    cost: Cost = MODERATE,
) -> Transcript:
    """Make every key of ``plan`` and write the files named above into ``folder``.

    ``passphrase`` seals the machines' keys; ``holder_passphrases`` gives each root holder's own by
    label, and without it the same one serves for all. Every file is read back and opened before
    the root is written. Raises CeremonyError, SealedFileError and FormatError; after an error the
    folder holds no ``root.note`` and is to be destroyed.
    """
    secrets = _holder_passphrases(plan, passphrase, holder_passphrases)
    if (folder / "root.note").exists():
        raise CeremonyError(f"{folder} already holds a registry's root")
    roots = {label: KeyPair.generate(random) for label in plan.holders}
    pairs = [(planned, KeyPair.generate(random)) for planned in plan.keys()]
    root = _root(plan, roots)
    signing = {plan.holder_name(label): roots[label] for label in plan.holders[: plan.threshold]}
    first = _first_list(plan, now, pairs)
    everyone = [(plan.holder_name(label), pair) for label, pair in roots.items()]
    transcript = Transcript(
        registry=plan.registry,
        at=now,
        threshold=plan.threshold,
        entries=tuple(_entries(plan, roots, pairs)),
        root_note=note.sign(trust.text(root), everyone),
        trust_list=succession.sign_list(first, root, signing),
    )
    named = dict(everyone) | {planned.name: pair for planned, pair in pairs}
    for entry in transcript.entries:
        label = Path(entry.file).parent.name
        secret = secrets[label] if entry.role == "root" else passphrase
        _seal(folder / entry.file, entry.name, named[entry.name], secret, random, cost)
    _write(folder, transcript)
    return transcript


def _holder_passphrases(
    plan: Plan, passphrase: bytes, given: Mapping[str, bytes] | None
) -> Mapping[str, bytes]:
    if given is None:
        return dict.fromkeys(plan.holders, passphrase)
    if given.keys() != set(plan.holders):
        raise CeremonyError("each root holder of the plan needs a passphrase, and nobody else")
    return given


def _root(plan: Plan, roots: Mapping[str, KeyPair]) -> Root:
    return Root(
        registry=plan.registry,
        version=1,
        threshold=plan.threshold,
        holders=tuple(
            Holder(
                name=plan.holder_name(label),
                keys=(HolderKey(alg=pair.public.suite.name, public=pair.public.raw),),
            )
            for label, pair in roots.items()
        ),
    )


def _first_list(plan: Plan, now: Instant, pairs: list[tuple[PlannedKey, KeyPair]]) -> TrustList:
    return TrustList(
        registry=plan.registry,
        version=1,
        issued=now,
        previous=None,
        root=1,
        issuers=plan.issuers(),
        keys=tuple(_key(plan, planned, pair.public) for planned, pair in pairs),
        logs=(Log(origin=plan.log, url=f"{plan.base}/log/", key=plan.log),),
        status=tuple(f"{plan.base}/{folder}/" for folder in ("s", "b", "i", "n")),
        freshness=plan.freshness,
        phone=plan.phone,
    )


def _key(plan: Plan, planned: PlannedKey, public: PublicKey) -> Key:
    body = planned.body
    issues = body is not None and planned.role == "issuer"
    return Key(
        name=planned.name,
        issuer=None if body is None else body.id,
        role=planned.role,
        alg=public.suite.name,
        public=public.raw,
        start=plan.start,
        until=plan.until,
        kinds=body.kinds if body is not None and issues else None,
        provinces=None if body is None else body.provinces,
        checks=body.checks if body is not None and issues else (),
    )


def _entries(
    plan: Plan, roots: Mapping[str, KeyPair], pairs: list[tuple[PlannedKey, KeyPair]]
) -> Iterator[Entry]:
    for label, pair in roots.items():
        name = plan.holder_name(label)
        file = f"custodians/{label}/{sealed.file_name(name)}"
        yield Entry(name=name, role="root", body=None, public=pair.public, file=file)
    for planned, pair in pairs:
        yield Entry(
            name=planned.name,
            role=planned.role,
            body=None if planned.body is None else planned.body.id,
            public=pair.public,
            file=f"keys/{sealed.file_name(planned.name)}",
        )


def _seal(
    path: Path, name: str, pair: KeyPair, passphrase: bytes, random: Random, cost: Cost
) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CeremonyError(f"cannot make {path.parent}: {error.strerror}") from None
    sealed.seal_file(path, name, pair, passphrase, random, cost)
    if sealed.open_file(path, name, passphrase) != pair:
        raise CeremonyError(f"{path} does not open as the key that was sealed")


def _write(folder: Path, transcript: Transcript) -> None:
    try:
        (folder / "trust").mkdir(exist_ok=True)
        (folder / "trust" / "1").write_bytes(transcript.trust_list)
        (folder / "transcript.md").write_text(transcript.markdown(), encoding="utf-8")
        unfinished = folder / ".root.note.unfinished"
        unfinished.write_bytes(transcript.root_note)
        unfinished.replace(folder / "root.note")
    except OSError as error:
        raise CeremonyError(f"cannot write into {folder}: {error.strerror}") from None


def _lines(transcript: Transcript) -> Iterator[str]:
    yield f"# Key ceremony of {transcript.registry}"
    yield ""
    yield f"Held at {dates.utc(transcript.at)}. {transcript.threshold} root holders sign together."
    yield ""
    yield "| key | role | body | public key | SHA-256 of the public key | sealed file |"
    yield "|---|---|---|---|---|---|"
    for entry in transcript.entries:
        yield (
            f"| {entry.name} | {entry.role} | {entry.body or '-'} | {entry.public.multibase} "
            f"| {entry.public.fingerprint} | {entry.file} |"
        )
    for title, data in (
        ("Root to pin (`root.note`)", transcript.root_note),
        ("Trust list 1 (`trust/1`)", transcript.trust_list),
    ):
        yield ""
        yield f"## {title}"
        yield ""
        yield f"SHA-256 {sha256(data).hexdigest()}"
        yield ""
        yield from (f"    {line}".rstrip() for line in data.decode().splitlines())
    yield ""
    yield "## Signed by those present"
    yield ""
    for entry in transcript.entries:
        if entry.role == "root":
            yield f"- {entry.name}: ______________________"
