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
    "import_started": Notice("good", mark("开始导入。")),
    "import_called_off": Notice("info", mark("已停下。停下之前导入的行还在批次里。")),
    "imported": Notice("good", mark("成绩已导入。")),
    "photos_handed_over": Notice("good", mark("照片包已收到，正在处理。")),
    "photos_called_off": Notice("info", mark("已停下。")),
    "photo_detached": Notice("good", mark("照片已取下。")),
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
    "legacy_imported": Notice("good", mark("已导入，等另一位人员确认后公开。")),
    "legacy_confirmed": Notice("good", mark("已确认，现在可以查到。")),
    "legacy_discarded": Notice("info", mark("这次导入已作废。")),
    "legacy_proposed": Notice("good", mark("已提出，等另一位人员决定。")),
    "legacy_take": Notice("good", mark("已照办。")),
    "legacy_drop": Notice("info", mark("已否决，登记没有变。")),
    "legacy_image": Notice("good", mark("扫描图已保存。")),
    "legacy_image_off": Notice("info", mark("扫描图已取下。")),
    "legacy_checked": Notice("good", mark("已核对，等另一位人员批准。")),
    "legacy_approved": Notice("good", mark("已批准，正在签发。")),
    "legacy_sent_back": Notice("info", mark("已退回重新核对。")),
    "legacy_refused": Notice("info", mark("已拒绝，持证人凭回执号能看到原因。")),
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
