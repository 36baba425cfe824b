"""From the text of a QR symbol to its facts, and to the full report."""

from collections.abc import Iterator

from keys import cose
from schemas import qr
from tests.benchmarks import raw
from tests.benchmarks.harness import Line, beside
from tests.benchmarks.samples import Samples
from tests.world import NOW
from verifier.report import Verdict
from verifier.verify import verify


def lines() -> Iterator[Line]:
    """Both figures, beside libsodium's verification of the same signed bytes."""
    samples = Samples(NOW)
    trust, evidence, texts = samples.trust, samples.evidence(), samples.texts
    limit = raw.verifications(samples.signed, samples.public)

    def facts() -> None:
        for text in texts:
            sign1 = cose.parse(qr.from_text(text))
            said = qr.parse(sign1.payload)
            [(_, public)] = trust.candidates(said.issuer, sign1.kid)
            cose.open(sign1, public, typ=qr.TYP)

    def report() -> None:
        for text in texts:
            if verify(text, trust, NOW, evidence).verdict is not Verdict.VALID:
                raise AssertionError("a valid certificate is not found valid")

    yield beside("QR text to signed facts", 0.75, facts, limit, len(texts))
    yield beside("QR text to full report, list and tile in memory", 0.6, report, limit, len(texts))
