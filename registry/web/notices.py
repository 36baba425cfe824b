"""The one line that a page shows after a form was done: by code, through one redirect."""

from dataclasses import dataclass

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from registry.web.words import mark

COOKIE = "notice"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence and its tone."""

    tone: str
    text: str


NOTICES = {
    "signed_out": Notice("info", mark("已退出登录。")),
    "password_changed": Notice("good", mark("密码已经改好，请用新密码登录。")),
    "account_opened": Notice("good", mark("账号已经开好。")),
    "account_closed": Notice("good", mark("账号已停用。")),
    "role_granted": Notice("good", mark("角色已经授予。")),
    "role_ended": Notice("good", mark("角色已经收回。")),
    "batch_opened": Notice("good", mark("批次已经建好，请导入成绩表。")),
    "imported": Notice("good", mark("成绩已导入。")),
    "submitted": Notice("good", mark("已提交，等考评员确认。")),
    "confirmed": Notice("good", mark("已确认。")),
    "checked": Notice("good", mark("审核通过，等批准。")),
    "approved": Notice("good", mark("已批准，可以签发。")),
    "issuing": Notice("good", mark("开始签发。")),
    "returned": Notice("info", mark("已退回站点，此前的确认和批准全部作废。")),
    "removed": Notice("good", mark("这一行已移出批次。")),
    "settled": Notice("good", mark("差异已经处理。")),
    "retried": Notice("good", mark("已交回重新签发，一分钟内有结果。")),
    "voided": Notice("good", mark("这个编号已作废，不会再用。")),
    "status_changed": Notice("good", mark("已登记。60 秒内，所有查询都会显示新的状态。")),
    "corrected": Notice("good", mark("更正已登记，新证签发后旧证自动失效。")),
    "source_entered": Notice("good", mark("出处已补上。")),
}
"""Code, as it stands in the cookie -> what the next page says."""


def go(address: str, notice: str | None = None) -> Response:
    """Send the browser to a page of ours after a form, with a line to show there."""
    response = RedirectResponse(address, 303)
    if notice is not None:
        response.set_cookie(COOKIE, notice, max_age=30, httponly=True, samesite="lax")
    return response


def waiting(request: Request) -> Notice | None:
    """The line that this page should show, if any."""
    return NOTICES.get(request.cookies.get(COOKIE, ""))
