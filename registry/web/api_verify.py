"""``POST /api/v1/verify``: the one asynchronous route, answered from memory.

It touches no database and no file but the note of a certificate that is not in force. Pictures and
PDFs go to the reader processes; everything else is verified where it arrives, because a hop to a
thread would cost more than the verification.
"""

import json
from importlib.resources import files
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from registry.web.checking import report_document
from registry.web.office import Office
from registry.web.problems import Problem
from registry.web.reader import MAX_UPLOAD, is_media
from registry.web.words import mark
from schemas import jcs
from schemas.errors import FormatError
from verifier.verify import Asked

PATH = "/api/v1/verify"
_TYPES = ("text/plain", "application/json", "application/ld+json", "application/vc",
          "application/vc+json", "application/cose", "application/cbor", "application/pdf",
          "image/png", "image/jpeg", "application/octet-stream")  # fmt: skip
_HEADERS = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
_FIELDS = ("input", "number", "name", "last4")

EXAMPLE = {
    "input": "https://certs.example.gov.cn/v#0123456789",
    "name": "欧阳娜娜",
    "last4": "002X",
}
"""A request as the documentation shows it."""

OPERATION: dict[str, Any] = {
    "operationId": "verify",
    "tags": ["verify"],
    "summary": "Verify a certificate in any form",
    "description": (
        "Send JSON with `input` (text of the QR code, its URL, or the certificate's JSON as a "
        "string) and, if you like, what you know of the holder; or send the form itself as the "
        "body: QR text, JSON, COSE, PDF, PNG or JPEG. Whatever the verdict, the answer is 200 "
        "with a report."
    ),
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["input"],
                    "additionalProperties": False,
                    "properties": {name: {"type": "string"} for name in _FIELDS},
                },
                "example": EXAMPLE,
            },
            **{
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in _TYPES
                if kind != "application/json"
            },
        },
    },
    "responses": {
        "200": {
            "description": "The report.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Report"}}},
        },
        "415": {
            "description": "A media type that no form has.",
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        },
        "422": {
            "description": "The JSON around the input has the wrong shape.",
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        },
    },
}


def report_schema() -> dict[str, Any]:
    """The report's JSON Schema."""
    text = files("verifier").joinpath("report.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


async def verify(request: Request) -> Response:
    """Verify the body and answer the report."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in _TYPES:
        raise Problem(415)
    try:
        body = await request.body()
    except ClientDisconnect:
        return Response(status_code=400)
    here: Office = request.app.state.office
    data, asked = _opened(body)
    at = here.clock()
    if isinstance(data, bytes) and is_media(data):
        report = await run_in_threadpool(here.readers.verify, data, at, asked)
    else:
        report = report_document(here.evidence.current(), data, at, asked)
    return Response(orjson.dumps(report), headers=_HEADERS, media_type="application/json")


def _opened(body: bytes) -> tuple[bytes | str, Asked | None]:
    """The input itself, and what the asker holds against it."""
    if not body.lstrip(b" \t\r\n").startswith(b"{"):
        return body, None
    try:
        wrapped = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body, None
    if "input" not in wrapped:
        return body, None
    # Read again strictly: of two fields of one name none may win silently.
    try:
        fields = jcs.load(body, max_size=MAX_UPLOAD)
    except FormatError:
        raise Problem(422, mark("JSON 里有重复的字段，或不合规范。")) from None
    if not isinstance(fields, dict) or set(fields) - set(_FIELDS):
        raise Problem(422, mark("只认 input、number、name、last4 四个字段。"))
    if not all(isinstance(value, str) for value in fields.values()):
        raise Problem(422, mark("每个字段都要是文字；证书的 JSON 也请写成一段文字。"))
    given = {name: fields[name] for name in _FIELDS[1:] if fields.get(name)}
    return fields["input"], Asked(**given) if given else None
