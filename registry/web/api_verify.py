"""``POST /api/v1/verify``: the one asynchronous route, answered from memory.

It touches no database and no file but the note of a certificate that is not in force. Pictures and
PDFs go to the reader processes; everything else is verified where it arrives, because a hop to a
thread would cost more than the verification.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from time import perf_counter, time
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from registry.operations import tally
from registry.publish.tree import TreeError
from registry.web import callers, journal
from registry.web.checking import Report, report_document
from registry.web.office import Office
from registry.web.problems import Problem, on_crash, on_http_error, on_storage
from registry.web.reader import MAX_UPLOAD, is_media
from registry.web.words import mark
from schemas import jcs
from schemas.errors import FormatError
from verifier.opening import MAX_TEXT
from verifier.verify import Asked

PATH = "/api/v1/verify"
VALID = ("valid",)
VERIFIED = tally.Verified(PATH)
"""Its answers are counted, not logged: a line would cost as much as a verification."""
_TYPES = (b"text/plain", b"application/json", b"application/ld+json", b"application/vc",
          b"application/vc+json", b"application/cose", b"application/cbor", b"application/pdf",
          b"image/png", b"image/jpeg", b"application/octet-stream")  # fmt: skip
_HEADERS = {
    "cache-control": "no-store",
    "access-control-allow-origin": "*",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
_OF_PAGES = ("referrer-policy", "x-frame-options", "cross-origin-opener-policy",
             "permissions-policy")  # fmt: skip
"""Headers that say nothing about JSON, once no page may frame it."""
_PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "86400",
}
"""Answer to a browser that asks on behalf of another site's page; nobody's cookie is let in."""
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
        "with a report. Pages of other sites may ask it: the answer carries "
        "`Access-Control-Allow-Origin: *`, a preflight is answered, and no cookie or other "
        "credential is read or allowed."
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
                kind.decode(): {"schema": {"type": "string", "format": "binary"}}
                for kind in _TYPES
                if kind != b"application/json"
            },
        },
    },
    "responses": {
        "200": {
            "description": "The report.",
            "headers": {
                "Access-Control-Allow-Origin": {
                    "description": "Always `*`; never with credentials.",
                    "schema": {"const": "*"},
                }
            },
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


class Application(FastAPI):
    """The application with this one route before its router.

    Router, validation and middleware together cost more than a verification; the route does for
    itself what they would do: bounds, headers, problems.
    """

    office: Office
    report_headers: list[tuple[bytes, bytes]]
    """From :func:`raw_headers`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the route here and pass everything else on."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await super().__call__(scope, receive, send)
            return
        if scope["method"] != "POST":
            if scope["method"] == "OPTIONS":
                await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)
            return
        start, verdict = perf_counter(), VALID
        try:
            body = await _body(scope["headers"], receive)
            here = self.office
            answer = _at_once(here, body)
            if answer is None:
                report = await _report(here, scope, body)
                answer, verdict = orjson.dumps(report), (report["verdict"],)
        except _GoneError:
            return
        except Problem as problem:
            scope["app"] = self
            await self._refuse(on_http_error(Request(scope), problem), scope, receive, send)
            journal.told(scope, problem.status_code, perf_counter() - start, PATH)
            return
        except TreeError as error:
            scope["app"] = self
            await self._refuse(on_storage(Request(scope), error), scope, receive, send)
            journal.told(scope, 503, perf_counter() - start, PATH)
            return
        except Exception as error:
            scope["app"] = self
            await self._refuse(on_crash(Request(scope), error), scope, receive, send)
            journal.told(scope, 500, perf_counter() - start, PATH)
            raise
        headers = [*self.report_headers, (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})
        VERIFIED.add(verdict, perf_counter() - start)

    async def _refuse(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        response.headers.update({**self.state.headers.plain, **_HEADERS})
        response.headers[journal.HEADER] = journal.number_of(scope)
        await response(scope, receive, send)


def raw_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """The head of every report, encoded once at start: what is said to programs, not of pages."""
    told = {name: value for name, value in headers.items() if name not in _OF_PAGES}
    whole = {**told, **_HEADERS, "content-type": "application/json"}
    return [(name.lower().encode(), value.encode()) for name, value in whole.items()]


_SMALL = 64 * 1024
"""Longest body, in bytes, that is read and verified where it arrives: a few milliseconds."""
_MAX_WRAPPED = 2 * MAX_TEXT
"""Longest JSON around an input, in bytes; more is left to the verifier, which refuses it unread."""


class _GoneError(Exception):
    """The asker hung up."""


async def _body(headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> bytes:
    for name, value in headers:
        if name == b"content-type":
            if value not in _TYPES and _plain_type(value) not in _TYPES:
                raise Problem(415)
        elif name == b"content-length" and value.isdigit() and int(value) > MAX_UPLOAD:
            raise Problem(413)
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_UPLOAD:
            raise Problem(413)
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _plain_type(value: bytes) -> bytes:
    return value.partition(b";")[0].strip().lower()


def _at_once(here: Office, body: bytes) -> bytes | None:
    """The report about a QR text, where it is a common one."""
    if len(body) > _SMALL:
        return None
    express = here.evidence.current().express
    return None if express is None else express.answer(body, here.clock())


async def _report(here: Office, scope: Scope, body: bytes) -> Report:
    # What is long is read in a thread, or one asker would stop all others.
    is_small = len(body) <= _SMALL
    data, asked = _opened(body) if is_small else await run_in_threadpool(_opened, body)
    at = here.clock()
    if isinstance(data, bytes) and is_media(data):
        # Only these cost a process for seconds; everything else is cheaper than counting it.
        address, _ = callers.believed(scope, here.config.trusted_proxies)
        callers.count(here.rates, callers.MEDIA_RATE, "media", address, int(time()))
        return await run_in_threadpool(here.readers.verify, data, at, asked)
    snapshot = here.evidence.current()
    if snapshot.is_remote or not is_small:
        return await run_in_threadpool(report_document, snapshot, data, at, asked, here.contact)
    return report_document(snapshot, data, at, asked, here.contact)


def _opened(body: bytes) -> tuple[bytes | str, Asked | None]:
    """The input itself, and what the asker holds against it."""
    if len(body) > _MAX_WRAPPED or not body.lstrip(b" \t\r\n").startswith(b"{"):
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
