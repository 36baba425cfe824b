"""``/v``, where the browser verifies a scanned code, and ``/verify``, where the server does."""

from time import time
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from registry.web import callers
from registry.web.checking import Report, report_document
from registry.web.office import Office, office
from registry.web.pages import Fault
from registry.web.reader import MAX_UPLOAD, is_media
from registry.web.words import mark
from verifier.verify import Asked

routes = APIRouter(include_in_schema=False)

MAX_TEXT = 40_000
Text = Annotated[str, Form(max_length=MAX_TEXT)]


@routes.get("/v")
def scan_page(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """The page that a QR code opens; what stands after the ``#`` never reaches us."""
    return here.pages.render(request, "scan.html")


@routes.get("/verify")
def verify_form(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """The form for a picture, a PDF, a file or pasted text."""
    return _form(request, here)


@routes.post("/verify")
def verify_upload(
    request: Request,
    here: Annotated[Office, Depends(office)],
    file: Annotated[UploadFile | None, File()] = None,
    text: Text = "",
    number: Text = "",
    name: Text = "",
    last4: Text = "",
) -> Response:
    """Verify what was sent and show the verdict; nothing of it is kept."""
    data: bytes | str = file.file.read(MAX_UPLOAD + 1) if file is not None else b""
    data = data or text.strip()
    if not data:
        faults = [Fault("file", mark("请选一个文件，或者粘贴二维码里的文字。"))]
        return _form(request, here, faults, text=text, name=name, last4=last4, status=422)
    given = {"number": number.strip(), "name": name.strip(), "last4": last4.strip().upper()}
    known = {key: value for key, value in given.items() if value}
    if isinstance(data, bytes) and is_media(data):
        address = callers.address_of(request)
        callers.count(here.rates, callers.MEDIA_RATE, "media", address, int(time()))
    report = _verified(here, data, Asked(**known) if known else None)
    return here.pages.render(request, "public/verdict.html", report=report)


def _verified(here: Office, data: bytes | str, asked: Asked | None) -> Report:
    at = here.clock()
    if isinstance(data, bytes) and is_media(data):
        return here.readers.verify(data, at, asked)
    return report_document(here.evidence.current(), data, at, asked, here.contact)


def _form(
    request: Request, here: Office, faults: list[Fault] | None = None, *,
    text: str = "", name: str = "", last4: str = "", status: int = 200,
) -> Response:  # fmt: skip
    return here.pages.render(
        request, "public/verify.html", status=status,
        faults=faults or [], text=text, name=name, last4=last4,
    )  # fmt: skip
