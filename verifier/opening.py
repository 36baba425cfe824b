"""Detects which form an input is and parses it; nothing is verified here.

Whatever the input, :func:`open` returns an :class:`Opened`: its ``code`` is ``readable.ok`` or says
why not. Certificates come out as :class:`QrForm` or :class:`JsonForm`; a PDF may hold both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keys import cose, note
from keys.cose import Sign1
from schemas import (
    bitstring_status,
    credential,
    jcs,
    qr,
    status_note,
    tile,
    token_status,
    trust,
)
from schemas.errors import ContradictionError, FormatError, NewerFormatError, NotOurProfileError
from verifier import media
from verifier.forms import (
    CertificateForm,
    JsonForm,
    QrForm,
    SeveralError,
    UnsignedError,
    codes,
    json_form,
    printed_form,
    qr_form,
)

MAX_INPUT = 32 * 2**20
"""Longest input of any form, in bytes."""
MAX_TEXT = 2**20
"""Longest text or JSON, in bytes."""

_COSE_FORMS: dict[int | str, str] = {token_status.TYP: "status_list", tile.TYP: "issued_tile"}
_NOTE = "hallmark-"
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
    """Open any input; never raises.

    The code is of the check ``readable``, or ``signature.contradiction`` where the parts of a
    certificate disagree: nothing that was signed reads so, thus no signature need be tried.
    """
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
    except (RecursionError, UnicodeError, ValueError, OverflowError):
        return Opened(form, "readable.unreadable", face=_face(form))


def _code(error: FormatError) -> str:
    if isinstance(error, NewerFormatError):
        return "readable.newer"
    if isinstance(error, NotOurProfileError):
        return "readable.other_registry"
    if isinstance(error, ContradictionError):
        return "signature.contradiction"
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
    if data[:1] == b"{" and len(data) <= MAX_TEXT:
        printed = printed_form(data)
        if printed is not None:
            return "json", printed
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return "unknown", data
    return _text_form(text)


def _text_form(text: str) -> tuple[str, Any]:
    if not text.startswith(_NOTE):
        if len(text) > MAX_TEXT:
            return "unknown", text
        text = text.strip("\ufeff \t\r\n")
    if text.startswith("{"):
        return "json", text
    if text.startswith(_NOTE):
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
    return Opened(form, primary=qr_form(data, sign1), face=_face(form))


def _read_json(form: str, text: str | bytes | JsonForm) -> Opened:
    if isinstance(text, JsonForm):
        return Opened(form, primary=text)
    if isinstance(text, str):
        printed = printed_form(text.encode())
        if printed is not None:
            return Opened(form, primary=printed)
    value = jcs.load(text, max_size=MAX_TEXT)
    if not isinstance(value, dict):
        raise NotOurProfileError("JSON that is no object")
    kinds = value.get("type")
    if isinstance(kinds, list) and _BITSTRING in kinds:
        bitstring_status.parse(credential.unsecured(value))
        credential.proofs(value)
        return Opened("bitstring_list", document=value)
    return Opened(form, primary=json_form(value))


def _read_note(form: str, data: bytes) -> Opened:
    _NOTES[form](note.parse(data).text)
    return Opened(form, document=data)


def _read_image(form: str, data: bytes) -> Opened:
    found = codes(media.picture_texts(data))
    if not found:
        raise FormatError("no QR code in the picture")
    return Opened(form, primary=found[0], face="not_checked")


def _read_pdf(form: str, data: bytes) -> Opened:
    attached = _attached(media.pdf_attachments(data))
    texts = media.pdf_texts(data)
    if attached is None:
        found = codes(texts)
        if not found:
            raise NotOurProfileError("a PDF without certificate and without QR code")
        return Opened(form, primary=found[0], face="not_checked")
    try:
        found = codes(texts)
    except NotOurProfileError:
        found = []
    companion = found[0] if found else None
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
