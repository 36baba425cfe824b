"""What a holder takes home: PDF, signed JSON, QR symbol, a picture for the phone's album."""

import logging
from dataclasses import dataclass

from registry.config import Config
from registry.documents import qr as symbols
from registry.documents.face import Face
from registry.documents.fonts import FontError
from registry.documents.pdf import (
    DocumentError,
    MissingGlyphError,
    certificate_pdf,
    certificate_picture,
)
from registry.queries.certificates import IssuedCertificate, PhotoRow
from registry.rules.policy import Policy
from registry.web.problems import Problem
from registry.web.words import mark
from schemas import qr
from verifier.words import is_special

_log = logging.getLogger("hallmark.web")


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to hand over."""

    data: bytes
    media_type: str
    ending: str


def make(
    kind: str, found: IssuedCertificate, photo: PhotoRow | None, config: Config, policy: Policy
) -> Paper:
    """One paper of an issued certificate, made on demand; the same every time.

    Args:
        kind: ``pdf``, ``json``, ``picture``; ``svg``, ``png``, ``txt``: the QR symbol and its text.
        found: the certificate with its forms.
        photo: the holder's photograph.
        config: origin and sample mark.
        policy: names of kinds of ID document.

    Raises:
        Problem: 404 for another kind; 422 when no font holds a character of the face, or the face
            does not fit; 503 when a font of this machine is missing.
        RefusedError: the policy has no words for the holder's kind of ID document.
    """
    text = qr.text(found.certificate.facts.base, found.cose)
    if kind == "json":
        return Paper(found.document, "application/vc", "json")
    if kind == "txt":
        return Paper(text.encode(), "text/plain; charset=utf-8", "txt")
    if kind == "svg":
        return Paper(symbols.svg(text).encode(), "image/svg+xml", "svg")
    if kind == "png":
        return Paper(symbols.png(text), "image/png", "png")
    try:
        if kind == "pdf":
            return Paper(
                certificate_pdf(face(found, photo, config, policy)), "application/pdf", "pdf"
            )
        if kind == "picture":
            data = certificate_picture(face(found, photo, config, policy))
            return Paper(data, "image/png", "album.png")
    except MissingGlyphError as error:
        raise Problem(
            422, mark("证书里有字库没有的字，暂时印不出 PDF；证书本身有效，请下载证书文件。"),
            note=error.characters,
        ) from None  # fmt: skip
    except DocumentError:
        raise Problem(
            422, mark("证书里的字太多，一页排不下，印不出 PDF；证书本身有效，请下载证书文件。")
        ) from None
    except FontError as error:
        _log.error("printing: %s", error)
        raise Problem(
            503, mark("这台服务器的字库不全，暂时印不了；证书本身有效，请先下载证书文件。")
        ) from None
    raise Problem(404)


def face(found: IssuedCertificate, photo: PhotoRow | None, config: Config, policy: Policy) -> Face:
    """The printed face's values."""
    facts = found.certificate.facts
    document = policy.row("identity_kinds", facts.awarded, kind=found.id_kind)
    return Face(
        certificate=found.certificate,
        qr_text=qr.text(facts.base, found.cose),
        document=found.document.decode(),
        id_type={"zh": document["zh"], "en": document["en"]},
        photo=photo.content if photo is not None else None,
        special_operation=is_special(facts.occupation, facts.work_type, facts.occupation_name),
        sample=config.sample,
        lookup_url=f"{facts.base}/lookup",
        timestamp=facts.signed_at,
    )
