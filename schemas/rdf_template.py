"""Both canonical forms of a certificate from one compiled template.

Certificates of one issuer, achievement and site differ in a dozen texts. Neither canonical form
moves a line when those change: every identity of a certificate is a fragment of its ``urn:uuid``,
and JSON keys are fixed. So the slow walker and the JSON printer run once per such group, over
marks in place of the texts, and each certificate is one formatting of the result. Only the two
nodes without an id change places, by their hashes (RDFC-1.0 §4.6).

:func:`canonical` equals ``rdf.canonical`` and ``jcs.canonical`` of ``credential.document``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from schemas import credential, facts, jcs, rdf
from schemas.certificate import Certificate, Facts, Names
from schemas.credential_layout import Slots, layout
from schemas.errors import FormatError
from schemas.rdf_pattern import Pattern

_SCOPE = ("base", "issuer", "kind", "occupation", "occupation_name", "level", "work_type", "site")
_WORDS = tuple(field.name for field in fields(Names) if field.name != "batch")
_scope = attrgetter(*_SCOPE)
_words = attrgetter(*_WORDS)
_NEEDS_ESCAPE = re.compile(rb'[\x00-\x1f\x7f"\\]')


class Canonical:
    """The canonical forms of one unsecured credential, and the hashes that the two suites sign."""

    __slots__ = ("_literals", "_pattern", "jcs")

    def __init__(self, jcs: bytes, pattern: Pattern, literals: Sequence[bytes]) -> None:
        self.jcs = jcs
        """RFC 8785 JSON, for ``eddsa-jcs-2022`` and for the issued tile."""
        self._pattern = pattern
        self._literals = literals

    @property
    def nquads(self) -> bytes:
        """RDFC-1.0 N-Quads, for ``eddsa-rdfc-2022``."""
        return self._pattern.fill(self._literals)

    @property
    def nquads_hash(self) -> bytes:
        """SHA-256 of :attr:`nquads`, of which half is the same in every certificate of a group."""
        return self._pattern.digest(self._literals)

    @property
    def jcs_hash(self) -> bytes:
        """SHA-256 of :attr:`jcs`."""
        return sha256(self.jcs).digest()


def canonical(certificate: Certificate) -> Canonical:
    """Write both canonical forms of the unsecured credential of ``certificate``.

    Raises FormatError for whatever ``credential.document`` refuses.
    """
    said, names = certificate.facts, certificate.names
    group = _group_of(certificate)
    template = _TEMPLATES.get(group)
    is_new = template is None
    if template is None:
        template = _compiled(*group)
    facts.check_holder(said)
    credential.check_batch(names.batch)
    forms = template.fill(Slots.of(certificate))
    if is_new:
        # No group is signed by a template that the walker does not bear out.
        document = layout(said, names, Slots.of(certificate))
        nquads = rdf.canonical(document)
        expected = nquads, sha256(nquads).digest(), jcs.canonical(document)
        if (forms.nquads, forms.nquads_hash, forms.jcs) != expected:
            raise FormatError("the compiled template and the walker write different forms")
        _remember(group, template, forms.jcs)
    return forms


def known(certificate: Certificate) -> Canonical | None:
    """Write both forms of a checked certificate, if :func:`canonical` met its group before.

    A reader of other people's documents meets many groups once, and compiling one costs more than
    walking it; so nothing is compiled here.
    """
    template = _TEMPLATES.get(_group_of(certificate))
    return None if template is None else template.fill(Slots.of(certificate))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What the certificates of one template share; nothing else is to be read from it."""

    facts: Facts
    names: Names
    """All but ``batch``."""


class Cut(NamedTuple):
    """A document that a template has written: the group, the slots, and both forms."""

    group: Group
    slots: Slots
    forms: Canonical


def cut(document: bytes) -> Cut | None:
    """Cut an unsecured document into the slots that fill a template to exactly these bytes.

    None where no template that :func:`canonical` compiled writes them. Nothing is said about what
    the slots may state: ``schemas.credential_items`` reads them.
    """
    for group, template in _BY_PLACE.get(_place(document), ()):
        found = template.cut(document)
        if found is not None:
            return Cut(group, *found)
    return None


def _place(document: bytes) -> bytes:
    """Achievement and site: only a name under which to look, shared by few templates."""
    achievement = document.find(b',"criteria":')
    source = document.find(b',"source":', achievement)
    return (
        document[achievement : document.find(b",", achievement + 1)]
        + document[source : document.find(b",", source + 1)]
    )


def _remember(group: "_Group", template: "_Template", example: bytes) -> None:
    if len(_TEMPLATES) >= _MAX_TEMPLATES:
        _TEMPLATES.clear()
        _BY_PLACE.clear()
    shared = Group(*_group(*group[:2]))
    place = _place(example)
    _BY_PLACE[place] = (*_BY_PLACE.get(place, ()), (shared, template))
    _TEMPLATES[group] = template


def _group_of(certificate: Certificate) -> "_Group":
    said, names = certificate.facts, certificate.names
    return _scope(said), _words(names), said.valid_until is None


@dataclass(frozen=True, slots=True)
class _Template:
    """The forms of one group of certificates."""

    jcs: Pattern
    name_first: Pattern
    """N-Quads in which the holder's name is ``_:c14n0``."""
    last4_first: Pattern
    name: Pattern
    """What is hashed to place the node of the name."""
    last4: Pattern

    def cut(self, document: bytes) -> tuple[Slots, Canonical] | None:
        """Cut a document that these slots fill the template to; none of them needs an escape."""
        texts = self.jcs.cut(document)
        if texts is None or self.jcs.fill(texts) != document:
            return None
        if _NEEDS_ESCAPE.search(b"".join(texts)):
            return None
        return Slots(*[text.decode() for text in texts]), self._with_literals(document, texts)

    def fill(self, slots: Slots) -> Canonical:
        """Write both forms."""
        texts = literals = [text.encode() for text in slots]
        if _NEEDS_ESCAPE.search(b"".join(texts)):
            texts = [jcs.string(text)[1:-1].encode() for text in slots]
            literals = [rdf.escape(text).encode() for text in slots]
        return self._with_literals(self.jcs.fill(texts), literals)

    def _with_literals(self, document: bytes, literals: list[bytes]) -> Canonical:
        name, last4 = self.name.digest(literals), self.last4.digest(literals)
        if name == last4:
            raise FormatError("two nodes without an id cannot be told apart")
        nquads = self.name_first if name < last4 else self.last4_first
        return Canonical(document, nquads, literals)


_Group: TypeAlias = tuple[tuple[Any, ...], tuple[Any, ...], bool]
_TEMPLATES: dict[_Group, _Template] = {}
_MAX_TEMPLATES = 512
_BY_PLACE: dict[bytes, tuple[tuple[Group, _Template], ...]] = {}


def _compiled(scope: tuple[Any, ...], words: tuple[Any, ...], endless: bool) -> _Template:
    """Run walker and printer once over marks; ``endless`` means without a last valid day."""
    said, names = _group(scope, words)
    facts.check_scope(said)
    credential.check_names(said, names)
    marks = _marks([*scope, *words])
    document = layout(said, names, marks._replace(ends="") if endless else marks)
    lines = [line + "\n" for line in rdf.canonical(document).decode().split("\n") if line]
    name = _node(lines, marks.name)
    last4 = _node(lines, marks.last4)
    head = [line for line in lines if not line.startswith("_:")]

    def pattern(*parts: list[str]) -> Pattern:
        return Pattern.of("".join(line for part in parts for line in part), marks)

    return _Template(
        jcs=Pattern.of(jcs.canonical(document).decode(), marks),
        name_first=pattern(head, _labelled(name, "_:c14n0"), _labelled(last4, "_:c14n1")),
        last4_first=pattern(head, _labelled(last4, "_:c14n0"), _labelled(name, "_:c14n1")),
        name=pattern(_related(lines, name)),
        last4=pattern(_related(lines, last4)),
    )


def _group(scope: tuple[Any, ...], words: tuple[Any, ...]) -> tuple[Facts, Names]:
    """A certificate's group as values; what is per certificate is never read from them."""
    unread: dict[str, Any] = dict.fromkeys((field.name for field in fields(Facts)), None)
    said = Facts(**(unread | {"uuid": UUID(int=0)} | dict(zip(_SCOPE, scope, strict=True))))
    return said, Names(**dict(zip(_WORDS, words, strict=True)), batch="")


def _marks(constants: list[Any]) -> Slots:
    """One mark per slot, none of which occurs in a constant text; legal in an address too."""
    text = "\n".join(map(str, constants))
    nonce = 0
    while f"~{nonce}." in text:
        nonce += 1
    return Slots(*(f"~{nonce}.{place}~" for place in range(len(Slots._fields))))


def _node(lines: list[str], mark: str) -> list[str]:
    """The lines whose subject is the node without id that states ``mark``."""
    labels = {line.partition(" ")[0] for line in lines if line.startswith("_:") and mark in line}
    if len(labels) != 1:
        raise FormatError("the holder's name and ID digits are not one node each")
    return [line for line in lines if line.partition(" ")[0] in labels]


def _related(lines: list[str], node: list[str]) -> list[str]:
    """All lines that mention the node, itself written ``_:a``, in canonical order."""
    label = node[0].partition(" ")[0]
    links = [line for line in lines if line.endswith(f" {label} .\n")]
    return sorted(
        [line.replace(f" {label} .", " _:a .") for line in links] + _labelled(node, "_:a")
    )


def _labelled(node: list[str], label: str) -> list[str]:
    return [f"{label} {line.partition(' ')[2]}" for line in node]
