"""Detects which form an input is and parses it; nothing is verified here.

Whatever the input, :func:`open` returns an :class:`Opened`: its ``code`` is ``readable.ok`` or says
why not. Certificates come out as :class:`QrForm` or :class:`JsonForm`; a PDF may hold both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeAlias

from keys import cose, data_integrity, note
from keys.cose import Sign1
from schemas import (
    bitstring_status,
    credential,
    dates,
    jcs,
    qr,
    rdf,
    status_note,
    tile,
    token_status,
    trust,
)
from schemas.certificate import Facts, Names
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError
from verifier import media

MAX_INPUT = 32 * 2**20
"""Longest input of any form, in bytes."""
MAX_TEXT = 2**20
"""Longest text or JSON, in bytes."""
MAX_CERTIFICATE = 64 * 2**10
"""Longest COSE certificate, in bytes; lists may be longer."""
MAX_PROOFS = 8

_COSE_FORMS: dict[int | str, str] = {token_status.TYP: "status_list", tile.TYP: "issued_tile"}
_NOTE_FORMS = (
    ("hallmark-status-note/", "status_note"),
    ("hallmark-trust-list/", "trust_list"),
    ("hallmark-root/", "root"),
)
_NOTES: dict[str, Callable[[str], object]] = {
    "status_note": status_note.parse,
    "trust_list": trust.parse,
    "root": trust.parse_root,
}
_LISTS: dict[str, Callable[[bytes], object]] = {
    "status_list": token_status.parse,
    "issued_tile": tile.parse,
}
_BITSTRING = "BitstringStatusListCredential"


class UnsignedError(FormatError):
    """A JSON certificate without any proof."""


class SeveralError(FormatError):
    """Two different certificates in one file."""


class QrForm:
    """A certificate as COSE, parsed."""

    __slots__ = ("cose", "facts", "sign1")
    names: Names | None = None

    def __init__(self, data: bytes, sign1: Sign1, facts: Facts) -> None:
        self.cose = data
        self.sign1 = sign1
        self.facts = facts

    @property
    def digest(self) -> bytes:
        """SHA-256 of the whole tagged COSE bytes: what tiles and notes call this form."""
        return sha256(self.cose).digest()

    tile_half = slice(0, 8)


class JsonForm:
    """A certificate as JSON, parsed."""

    def __init__(
        self,
        secured: dict[str, Any],
        proofs: list[dict[str, Any]],
        facts: Facts,
        names: Names,
    ) -> None:
        self.secured = secured
        self.unsecured = credential.unsecured(secured)
        self.proofs = proofs
        self.our_proofs = [proof for proof in proofs if _is_ours(proof)]
        """Proofs of a suite that this code knows; the others are somebody else's."""
        self.issuer_did: str = secured["issuer"]["id"]
        self.facts = facts
        self.names = names

    @cached_property
    def canonical(self) -> bytes:
        """RFC 8785 form of the document without proofs."""
        return jcs.canonical(self.unsecured)

    @cached_property
    def nquads(self) -> bytes:
        """RDFC-1.0 form of the document without proofs."""
        return rdf.canonical(self.unsecured)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the canonical unsecured JSON: what tiles and notes call this form."""
        return sha256(self.canonical).digest()

    tile_half = slice(8, 16)


CertificateForm: TypeAlias = QrForm | JsonForm


@dataclass(slots=True)
class Opened:
    """An input, opened: its form, whether it is readable, and what it holds."""

    form: str
    code: str = "readable.ok"
    primary: CertificateForm | None = None
    """The certificate, if it is one."""
    companion: QrForm | None = None
    """The QR code on a PDF's pages beside the attached JSON."""
    document: Sign1 | dict[str, Any] | bytes | None = None
    """What else it is: COSE of a list or tile, JSON of a bitstring list, bytes of a signed note."""
    face: str | None = None


def open(data: bytes | str) -> Opened:
    """Open any input; never raises."""
    form = "qr"
    try:
        if isinstance(data, str):
            form, content = _text_form(data)
        else:
            form, content = _form(bytes(data))
        return _READERS[form](form, content)
    except media.MediaMissingError:
        return Opened(form, "readable.reader_missing", face=_face(form))
    except FormatError as error:
        return Opened(form, _code(error), face=_face(form))
    except (RecursionError, UnicodeError, ValueError):
        return Opened(form, "readable.unreadable", face=_face(form))


def _code(error: FormatError) -> str:
    if isinstance(error, NewerFormatError):
        return "readable.newer"
    if isinstance(error, NotOurProfileError):
        return "readable.other_registry"
    if isinstance(error, UnsignedError):
        return "readable.unsigned"
    if isinstance(error, SeveralError):
        return "readable.several"
    return "readable.unreadable"


def _face(form: str) -> str | None:
    return "not_checked" if form in ("pdf", "image") else None


def _form(data: bytes) -> tuple[str, Any]:
    if len(data) > MAX_INPUT:
        return "unknown", data
    if data[:1] == b"\xd2":
        return "cose", data
    if b"%PDF-" in data[:1024]:
        return "pdf", data
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return "image", data
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return "unknown", data
    return _text_form(text)


def _text_form(text: str) -> tuple[str, Any]:
    if len(text) > MAX_TEXT and not text.startswith("hallmark-"):
        return "unknown", text
    text = text.strip("\ufeff \t\r\n") if not text.startswith("hallmark-") else text
    if text.startswith("{"):
        return "json", text
    for prefix, form in _NOTE_FORMS:
        if text.startswith(prefix):
            return form, text.encode()
    return ("qr", text) if text else ("unknown", text)


def _read_unknown(form: str, _content: Any) -> Opened:
    return Opened(form, "readable.unreadable")


def _read_qr(form: str, text: str) -> Opened:
    return _certificate(form, qr.from_text(text))


def _read_cose(_form: str, data: bytes) -> Opened:
    # The first byte alone decided, so damage may have hidden which of the three it was.
    try:
        sign1 = cose.parse(data)
    except FormatError as error:
        return Opened("qr", _code(error))
    form = _COSE_FORMS.get(sign1.typ)
    if form is not None:
        return _read_list(form, sign1)
    try:
        return _certificate("qr", data, sign1)
    except FormatError as error:
        return Opened("qr", _code(error))


def _read_list(form: str, sign1: Sign1) -> Opened:
    try:
        _LISTS[form](sign1.payload)
    except FormatError as error:
        return Opened(form, _code(error))
    return Opened(form, document=sign1)


def _certificate(form: str, data: bytes, sign1: Sign1 | None = None) -> Opened:
    return Opened(form, primary=_qr_form(data, sign1), face=_face(form))


def _qr_form(data: bytes, sign1: Sign1 | None = None) -> QrForm:
    if len(data) > MAX_CERTIFICATE:
        raise FormatError("too long for a certificate")
    sign1 = sign1 or cose.parse(data)
    if sign1.typ != qr.TYP:
        raise NotOurProfileError("COSE of another type than a certificate")
    return QrForm(data, sign1, qr.parse(sign1.payload))


def _read_json(form: str, text: str | bytes) -> Opened:
    value = jcs.load(text, max_size=MAX_TEXT)
    if not isinstance(value, dict):
        raise NotOurProfileError("JSON that is no object")
    kinds = value.get("type")
    if isinstance(kinds, list) and _BITSTRING in kinds:
        bitstring_status.parse(credential.unsecured(value))
        credential.proofs(value)
        return Opened("bitstring_list", document=value)
    return Opened(form, primary=_json_form(value))


def _json_form(value: dict[str, Any]) -> JsonForm:
    # Parsed once for its profile, so that another registry's file is not called unsigned.
    if "proof" not in value:
        credential.parse(value, 0)
        raise UnsignedError("a certificate without proof")
    proofs = credential.proofs(value)
    if len(proofs) > MAX_PROOFS:
        raise FormatError(f"more than {MAX_PROOFS} proofs")
    created = {text for proof in proofs if isinstance(text := proof.get("created"), str)}
    if len(created) != 1:
        credential.parse(value, 0)
        raise FormatError("the proofs do not share one instant of signing")
    certificate = credential.parse(value, dates.parse_utc(created.pop()))
    form = JsonForm(value, proofs, certificate.facts, certificate.names)
    if not form.our_proofs:
        raise NewerFormatError("no proof is of a suite that is known")
    return form


def _is_ours(proof: dict[str, Any]) -> bool:
    try:
        data_integrity.cryptosuite(proof)
    except NotOurProfileError:
        return False
    except FormatError:
        # Ours, but damaged: it must not verify, rather than be passed over.
        return True
    return True


def _read_note(form: str, data: bytes) -> Opened:
    _NOTES[form](note.parse(data).text)
    return Opened(form, document=data)


def _read_image(form: str, data: bytes) -> Opened:
    codes = _codes(media.picture_texts(data))
    if not codes:
        raise FormatError("no QR code in the picture")
    return Opened(form, primary=codes[0], face="not_checked")


def _codes(texts: list[str]) -> list[QrForm]:
    """Certificates among the codes of one picture; another party's code beside is passed over."""
    found: list[QrForm] = []
    refused: FormatError | None = None
    for text in texts:
        try:
            code = _qr_form(qr.from_text(text.strip()))
        except FormatError as error:
            # Ours but damaged or newer says more than somebody else's advertisement.
            if refused is None or isinstance(refused, NotOurProfileError):
                refused = error
            continue
        if all(code.cose != other.cose for other in found):
            found.append(code)
    if len(found) > 1:
        raise SeveralError("two certificates in one picture")
    if not found and refused is not None:
        raise refused
    return found


def _read_pdf(form: str, data: bytes) -> Opened:
    attached = _attached(media.pdf_attachments(data))
    texts = media.pdf_texts(data)
    if attached is None:
        codes = _codes(texts)
        if not codes:
            raise NotOurProfileError("a PDF without certificate and without QR code")
        return Opened(form, primary=codes[0], face="not_checked")
    try:
        codes = _codes(texts)
    except NotOurProfileError:
        codes = []
    companion = codes[0] if codes else None
    return Opened(form, primary=attached, companion=companion, face="not_checked")


def _attached(contents: list[bytes]) -> JsonForm | None:
    found: list[JsonForm] = []
    for content in contents:
        content = content.removeprefix(b"\xef\xbb\xbf").strip()
        if not content.startswith(b"{"):
            continue
        try:
            opened = _read_json("json", content)
        except NotOurProfileError:
            continue
        if isinstance(opened.primary, JsonForm):
            found.append(opened.primary)
    if len({form.digest for form in found}) > 1:
        raise SeveralError("two certificates attached to one PDF")
    return found[0] if found else None


_READERS: dict[str, Callable[[str, Any], Opened]] = {
    "qr": _read_qr,
    "cose": _read_cose,
    "json": _read_json,
    "pdf": _read_pdf,
    "image": _read_image,
    "unknown": _read_unknown,
    "status_note": _read_note,
    "trust_list": _read_note,
    "root": _read_note,
}
