"""Canonical N-Quads of our JSON-LD documents, without a JSON-LD processor.

The documents use only terms of the two pinned contexts, so every term's meaning is a row of
:data:`schemas.rdf_terms.PROFILES`. A term outside the table is refused: nothing can be present in
the JSON and silently absent from what is signed. The result equals RDFC-1.0 over the JSON-LD
expansion (JSON-LD 1.1, RDF Dataset Canonicalization 1.0 §4.4 and §4.6).

Blank nodes are few and distinct here, so the first-degree hash settles their order; two that are
alike would need the n-degree algorithm and are refused.
"""

import re
from hashlib import sha256
from typing import Any

from schemas.errors import FormatError, NotOurProfileError
from schemas.rdf_terms import PROFILES, RDF_TYPE, Tables, Term

_IRI = re.compile(r"(?:https?|did|urn):[!#-;=?-\[\]_a-z~]+")
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_SHORT = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}

Quad = tuple[str, str, str]
"""Subject, predicate and object in N-Quads spelling; everything is in the default graph."""


def canonical(document: dict[str, Any]) -> bytes:
    """Write the RDFC-1.0 canonical N-Quads of a document without its proofs.

    Raises NotOurProfileError for other contexts and FormatError for a term, a type, a value or a
    graph shape outside the profile.
    """
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not all(isinstance(item, str) for item in contexts):
        raise NotOurProfileError("@context is not a list of context addresses")
    tables = PROFILES.get(tuple(contexts))
    if tables is None:
        raise NotOurProfileError("@context names contexts of another profile")
    node = {key: value for key, value in document.items() if key != "@context"}
    return nquads(node, tables)


def nquads(node: dict[str, Any], tables: Tables) -> bytes:
    """Write the canonical N-Quads of ``node`` under the terms of ``tables``."""
    walk = _Walk(tables)
    walk.node(node)
    labels = _labels(walk.quads, walk.blank)
    lines = {_line(quad, labels) for quad in walk.quads}
    return "".join(sorted(lines)).encode()


def escape(text: str) -> str:
    """Write the inside of an N-Quads string literal (RDFC-1.0, appendix A)."""
    if _ESCAPED.search(text) is None:
        return text
    return _ESCAPED.sub(
        lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04X}",
        text,
    )


def iri(value: Any) -> str:
    """Check that ``value`` is an absolute ASCII IRI of a scheme we use, and return it."""
    if not isinstance(value, str) or _IRI.fullmatch(value) is None:
        raise FormatError(f"{value!r:.120} is not an absolute IRI")
    return value


class _Walk:
    """One depth-first reading of a document: collects quads, names blank nodes in passing."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.quads: list[Quad] = []
        self.blank: list[str] = []

    def node(self, node: dict[str, Any], depth: int = 0) -> str:
        """Emit the quads of ``node`` and return its name."""
        if depth > 12:
            raise FormatError("document is nested too deeply")
        subject = self._subject(node)
        terms = dict(self.tables.common)
        for name in self._types(node):
            row = self.tables.types.get(name)
            if row is None:
                raise FormatError(f"type {name!r:.80} is not in this profile")
            self.quads.append((subject, RDF_TYPE, f"<{row.iri}>"))
            terms.update(row.terms)
        for key, value in node.items():
            if key in ("id", "type"):
                continue
            term = terms.get(key)
            if term is None:
                raise FormatError(f"{key!r:.80} is not a term of this kind of node")
            for item in self._items(key, value):
                self.quads.append((subject, term.iri, self._object(term, item, depth)))
        return subject

    def _subject(self, node: dict[str, Any]) -> str:
        if "id" in node:
            return f"<{iri(node['id'])}>"
        name = f"_:b{len(self.blank)}"
        self.blank.append(name)
        return name

    @staticmethod
    def _types(node: dict[str, Any]) -> list[str]:
        if "type" not in node:
            return []
        types = node["type"] if isinstance(node["type"], list) else [node["type"]]
        if not types or not all(isinstance(name, str) for name in types):
            raise FormatError("type is not a name or a list of names")
        return types

    @staticmethod
    def _items(key: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            return [value]
        if not value:
            raise FormatError(f"{key} is an empty list")
        return value

    def _object(self, term: Term, value: Any, depth: int) -> str:
        if isinstance(value, dict):
            if term.datatype is not None:
                raise FormatError("an object stands where a plain value belongs")
            return self.node(value, depth + 1)
        if term.link:
            return f"<{iri(value)}>"
        return _literal(term, value)


def _literal(term: Term, value: Any) -> str:
    if isinstance(value, bool) and term.boolean:
        value = "true" if value else "false"
    elif not isinstance(value, str) or term.boolean:
        raise FormatError(f"{value!r:.80} is not a value that this term may have")
    if _UNWRITABLE.search(value):
        raise FormatError("text holds a surrogate or a noncharacter")
    text = f'"{escape(value)}"'
    return text if term.datatype is None else f"{text}^^<{term.datatype}>"


def _line(quad: Quad, labels: dict[str, str]) -> str:
    subject, predicate, value = quad
    return f"{labels.get(subject, subject)} <{predicate}> {labels.get(value, value)} .\n"


def _labels(quads: list[Quad], blank: list[str]) -> dict[str, str]:
    """Canonical labels by first-degree hash (RDFC-1.0 §4.6)."""
    hashes: dict[str, str] = {}
    for name in blank:
        labels = {other: "_:z" for other in blank} | {name: "_:a"}
        lines = sorted(_line(quad, labels) for quad in quads if name in (quad[0], quad[2]))
        hashes[sha256("".join(lines).encode()).hexdigest()] = name
    if len(hashes) != len(blank):
        raise FormatError("two nodes without an id cannot be told apart")
    return {hashes[key]: f"_:c14n{place}" for place, key in enumerate(sorted(hashes))}
