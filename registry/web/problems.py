"""Everything that can go wrong for a caller: HTTP codes, RFC 9457 problem details, error pages."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from registry.operations import logs
from registry.records.errors import RevisionError
from registry.rules.decision import Reason, RefusedError
from registry.web import journal
from registry.web.words import mark

MEDIA_TYPE = "application/problem+json"
TYPES = "tag:hallmark,2026:problem:"
"""Problem types are names, not links: nothing is fetched from them."""

WORDS: Mapping[int, tuple[str, str, str]] = {
    400: ("bad_request", mark("请求看不懂"), mark("请返回上一页再试一次。")),
    401: ("sign_in", mark("请先登录"), mark("登录后会回到原来的页面。")),
    403: ("forbidden", mark("没有权限"), mark("您的账号不能做这件事。请联系本单位的系统管理员。")),
    404: ("not_found", mark("没有这个页面"), mark("网址可能输错了，或者这一页已经不在了。")),
    405: ("method", mark("请求方式不对"), mark("请从页面上的按钮进入，不要直接输入网址。")),
    409: ("conflict", mark("内容已经变了"), mark("别人刚刚改过。请查看最新内容后再决定。")),
    411: ("length", mark("请求没有写明大小"), mark("请用浏览器提交，或在请求中写明长度。")),
    413: ("too_large", mark("文件太大"), mark("请换一个小一点的文件再上传，原来的内容没有丢。")),
    415: ("media_type", mark("文件类型不支持"), mark("请上传页面上列出的文件类型。")),
    422: ("unprocessable", mark("有内容没有填对"), mark("请按提示改好后再提交。")),
    429: ("too_many", mark("操作太频繁"), mark("请等一等再来，重复点击没有用。")),
    500: ("internal", mark("系统出了问题"), mark("什么都没有改动。请稍后再试，或告诉管理员。")),
    503: ("busy", mark("现在办不了"), mark("请过一会儿再试。")),
}  # fmt: skip
"""Status -> problem type, title, what to do."""
AGAIN = (429, 500, 503)
"""Where asking once more may help, as far as nothing was sent."""


class Problem(HTTPException):
    """A refusal to answer as asked; shown as a page to people and as JSON to programs."""

    def __init__(
        self, status: int, detail: str | None = None, *,
        reasons: tuple[Reason, ...] = (), retry_after: int | None = None,
        note: str | None = None,
    ) -> None:  # fmt: skip
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
        super().__init__(status, detail or WORDS[status][1], headers)
        self.said = detail
        self.reasons = reasons
        self.note = note
        self.retry_after = retry_after


class SignInRequired(Exception):  # noqa: N818 - a way to the sign-in page, not a fault
    """Nobody is signed in, and the page needs somebody."""

    def __init__(self, door: str, back: str) -> None:
        super().__init__(door)
        self.address = f"{door}?next={quote(back, safe='/')}"


def respond(request: Request, error: Problem) -> Response:
    """The problem in the shape that this caller reads, with the number of the request."""
    if wants_json(request):
        return _as_json(request, error)
    _, title, todo = WORDS[error.status_code]
    pages = request.app.state.office.pages
    page: Response = pages.render(
        request, "public/problem.html", status=error.status_code,
        title=title, said=error.said, todo=todo, reasons=error.reasons, note=error.note,
        reference=journal.number_of(request.scope), code=error.status_code,
        minutes=-(-error.retry_after // 60) if error.retry_after else None,
        again=request.method == "GET" and error.status_code in AGAIN,
    )  # fmt: skip
    page.headers.update(error.headers or {})
    return page


def wants_json(request: Request) -> bool:
    """Whether a program asks: under ``/api``, or with JSON but no HTML in ``Accept``."""
    if request.url.path.startswith("/api/"):
        return True
    accept = request.headers.get("accept", "")
    return "json" in accept and "text/html" not in accept


def on_http_error(request: Request, error: Exception) -> Response:
    """Handler for our own problems and for those that the framework raises."""
    if isinstance(error, Problem):
        return respond(request, error)
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = status if status in WORDS else (400 if status < 500 else 500)
    headers = error.headers if isinstance(error, HTTPException) else None
    problem = Problem(known)
    problem.headers = headers
    return respond(request, problem)


def on_invalid(request: Request, error: Exception) -> Response:
    """Handler for a request whose fields have the wrong shape; names them, echoes no value."""
    places = []
    if isinstance(error, RequestValidationError):
        places = [".".join(map(str, fault["loc"][1:])) for fault in error.errors()]
    return respond(request, Problem(422, ", ".join(place for place in places if place) or None))


def on_sign_in(request: Request, error: Exception) -> Response:
    """Handler for a page that needs somebody signed in: to the door, and back afterwards."""
    door = error.address if isinstance(error, SignInRequired) else "/"
    return RedirectResponse(door, 303)


def on_missing(request: Request, error: Exception) -> Response:
    """Handler for a record that is not there, or that this actor may not see: both look alike."""
    return respond(request, Problem(404))


def on_refusal(request: Request, error: Exception) -> Response:
    """Handler for a refusal by the rules that no page has shown beside its form."""
    reasons = error.reasons if isinstance(error, RefusedError) else ()
    denied = {"role_lacks_act", "outside_reach"} & {reason.code for reason in reasons}
    return respond(request, Problem(403 if denied else 409, reasons=reasons))


def on_away(request: Request, error: Exception) -> Response:
    """Handler for a database that does not answer; nobody need do anything when it is back."""
    logs.tell("database", logging.ERROR, route=journal.template(request.scope),
              error=type(getattr(error, "orig", None) or error).__name__)  # fmt: skip
    said = mark("数据库暂时连不上，恢复以后会自动好；扫码验证不受影响。")
    if request.method != "GET":
        said = mark("数据库暂时连不上。恢复以后请先看一看刚才那一步有没有办成，再决定要不要重做。")
    return respond(request, Problem(503, said, retry_after=10))


def on_unstorable(request: Request, error: Exception) -> Response:
    """Handler for what no column can hold, a NUL in a text for one: nothing was done.

    Pages refuse what they know; a database has the last word, and only PostgreSQL says it here.
    """
    logs.tell("unstorable", logging.WARNING, route=journal.template(request.scope),
              error=type(getattr(error, "orig", None) or error).__name__)  # fmt: skip
    return respond(request, Problem(422))


def on_storage(request: Request, error: Exception) -> Response:
    """Handler for a storage of public files that does not answer: what they say is not known."""
    logs.tell("storage", logging.ERROR, route=journal.template(request.scope), why=str(error))
    return respond(request, Problem(503, retry_after=10))


def on_other_tables(request: Request, error: Exception) -> Response:
    """Handler for a database that belongs to another version of this program."""
    logs.tell("database", logging.ERROR, why=str(error))
    is_newer = isinstance(error, RevisionError) and error.is_newer
    said = mark("系统正在升级，数据没有丢。") if is_newer else mark("系统还没有准备好。")
    return respond(request, Problem(503, said, retry_after=30))


def on_crash(request: Request, error: Exception) -> Response:
    """Handler for a fault of ours: logged under the request's number, shown without any detail."""
    number = journal.number_of(request.scope)
    logs.crash("crash", error, route=journal.template(request.scope), request=number)
    response = respond(request, Problem(500))
    # This answer is made outside the layers that complete all others.
    response.headers.update({**request.app.state.headers.plain, journal.HEADER: number})
    return response


def _as_json(request: Request, error: Problem) -> Response:
    kind, title, todo = WORDS[error.status_code]
    words = request.app.state.office.pages.words(request)
    body: dict[str, Any] = {
        "type": TYPES + kind, "title": words.gettext(title), "status": error.status_code,
        "detail": words.gettext(error.said or todo),
        "reference": journal.number_of(request.scope),
    }  # fmt: skip
    if error.reasons:
        body["reasons"] = [
            reason.as_dict() | {"sentence": reason.sentence(words.language)}
            for reason in error.reasons
        ]
    if error.note:
        body["note"] = error.note
    return Response(
        orjson.dumps(body), error.status_code, headers=error.headers, media_type=MEDIA_TYPE
    )


def phrase(status: int) -> str:
    """Standard phrase of a status, for the OpenAPI document."""
    return HTTPStatus(status).phrase
