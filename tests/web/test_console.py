"""The life of a batch through the pages, as people press the buttons."""

import io
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter
from fastapi import FastAPI
from starlette.testclient import TestClient

from registry.exchange.columns import ASSESSMENT, SHEET
from registry.queries.accounts import credentials
from registry.records.certificates import CertificateRow
from registry.rules.decision import reason
from registry.web.console_intake import grouped
from tests.registry.office import CARDS, citizen
from tests.web.conftest import Filled
from tests.web.forms import token_of, version_of

SignIn = Callable[[str], TestClient]

_WIDE = {ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)} | {ord("X"): "ｘ"}


def workbook(*serials: int, **changes: str) -> bytes:
    """A workbook with a good row per serial; ``changes`` spoil the last one."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(SHEET)
    for column, each in enumerate(ASSESSMENT):
        sheet.write_string(0, column, each.heading)
    for row, serial in enumerate(serials, start=1):
        cells = {
            "name": "李示例", "identity": citizen(serial).number, "occupation": "钢筋工",
            "work_type": "020", "level": "4", "assessed": "2026-11-20", "theory": "82",
            "practice": "76.5", "practice_examiners": "、".join(CARDS),
        }  # fmt: skip
        if row == len(serials):
            cells |= changes
        for column, each in enumerate(ASSESSMENT):
            sheet.write_string(row, column, cells.get(each.key, ""))
    book.close()
    return buffer.getvalue()


def new_batch(client: TestClient) -> str:
    page = client.post("/console/batches", data={"token": token_of(client.get("/console"))})
    assert page.status_code == 200
    return page.url.path


def press(client: TestClient, batch: str, step: str, **more: object) -> object:
    page = client.get(f"{batch}/{step}")
    form = {"token": token_of(page), "version": version_of(page), **more}
    return client.post(f"{batch}/{step}", data=form)


def upload(client: TestClient, batch: str, data: bytes, name: str = "成绩.xlsx") -> object:
    return client.post(f"{batch}/import", files={"file": (name, data)})


def test_a_workbook_is_tried_marked_and_imported(sign_in: SignIn, app: FastAPI) -> None:
    client = sign_in("registrar")
    batch = new_batch(client)
    trial = upload(client, batch, workbook(701, 702, 703, identity="123"))
    assert trial.status_code == 200 and "先导入这 2 行" in trial.text
    assert "还没有成绩" in client.get(batch).text
    marked = client.get(f"{trial.url.path}/marked")
    assert marked.status_code == 200
    sheets = zipfile.ZipFile(io.BytesIO(marked.content))
    assert any("问题" in sheets.read(name).decode("utf-8", "ignore") for name in sheets.namelist())
    page = client.post(trial.url.path, data={"token": token_of(trial)})
    assert page.url.path == batch and "成绩已导入" in page.text
    assert citizen(701).last4 in page.text and citizen(701).number not in page.text
    assert not list((app.state.office.config.folder / "uploads").iterdir())
    again = upload(client, batch, workbook(701, 702))
    assert "和已有的相同" in again.text and "导入 " not in again.text.split("<form")[-1]


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 422), (b"not a workbook \xff\xfe", 422), (b"PK\x03\x04broken", 422)],
)
def test_a_file_that_is_no_workbook_is_refused_on_its_page(
    sign_in: SignIn, data: bytes, status: int
) -> None:
    client = sign_in("registrar")
    page = upload(client, new_batch(client), data)
    assert page.status_code == status and "还有地方要改" in page.text


def test_an_upload_belongs_to_its_account_and_batch(sign_in: SignIn, filled: Filled) -> None:
    client = sign_in("registrar")
    batch = new_batch(client)
    trial = upload(client, batch, workbook(704))
    name = trial.url.path.rsplit("/", 1)[1]
    assert client.get(f"/console/batches/{filled.draft}/import/{name}").status_code == 404
    assert client.get(f"{batch}/import/..%2Fhallmark").status_code == 404
    assert sign_in("checker").get(trial.url.path).status_code == 403


def test_the_way_of_a_batch(sign_in: SignIn) -> None:
    registrar = sign_in("registrar")
    batch = new_batch(registrar)
    trial = upload(registrar, batch, workbook(711, 712))
    registrar.post(trial.url.path, data={"token": token_of(trial)})
    assert "已提交" in press(registrar, batch, "submit").text
    for name in ("examiner1", "examiner2", "examiner3"):
        assert "已确认" in press(sign_in(name), batch, "confirm").text
    checker = sign_in("checker")
    unticked = press(checker, batch, "check", checks=["batch_approved"])
    assert unticked.status_code == 409 and "每一项都要核对" in unticked.text
    assert 'value="batch_approved" checked' in unticked.text
    every = ["batch_approved", "examiners_qualified", "file_complete", "papers_from_centre",
             "candidates_eligible", "results_true", "photos_right"]  # fmt: skip
    assert "审核通过" in press(checker, batch, "check", checks=every).text
    twin = sign_in("twin").get(f"{batch}/approve")
    assert "将发证" not in twin.text and "审核" in twin.text
    issuer = sign_in("issuer")
    preview = issuer.get(f"{batch}/approve")
    assert "将发证 2 人，不发 0 人" in preview.text
    assert "将发证" not in issuer.get(f"{batch}/approve?awarded=2027-01-01").text
    approved = press(issuer, batch, "approve", awarded="2026-11-23")
    assert "已批准" in approved.text
    progress = press(issuer, batch, "issue")
    assert progress.url.path == f"{batch}/progress"
    task = issuer.get(f"{batch}/progress.json").json()
    assert task == {"state": "waiting", "done": 0, "total": 2, "held": 0}


def test_an_old_page_decides_nothing(sign_in: SignIn, filled: Filled) -> None:
    batch = f"/console/batches/{filled.checked}"
    first, second = sign_in("issuer"), sign_in("issuer2")
    pages = [client.get(f"{batch}/approve") for client in (first, second)]
    forms = [
        {"token": token_of(page), "version": version_of(page), "awarded": "2026-11-23"}
        for page in pages
    ]
    assert "已批准" in first.post(f"{batch}/approve", data=forms[0]).text
    late = second.post(f"{batch}/approve", data=forms[1])
    assert late.status_code == 409 and "没有办成" in late.text


def test_a_batch_goes_back_with_a_reason(sign_in: SignIn, filled: Filled) -> None:
    batch = f"/console/batches/{filled.confirmed}"
    checker = sign_in("checker")
    empty = press(checker, batch, "return", why="  ")
    assert empty.status_code == 409
    assert "已退回" in press(checker, batch, "return", why="第 3 行成绩单缺签字").text
    page = sign_in("registrar").get(batch).text
    assert "第 3 行成绩单缺签字" in page and "提交" in page


def test_revoking_says_what_follows_and_shows_in_the_history(
    sign_in: SignIn, filled: Filled
) -> None:
    client = sign_in("issuer")
    address = f"/console/certificates/{filled.certificates[0]}"
    page = client.get(f"{address}/revoke")
    assert "60 秒内" in page.text and "不能恢复" in page.text
    assert 'value="2027-01-22"' in page.text  # the policy's days of appeal, offered
    form = {"token": token_of(page), "ground": "fraud", "decided_on": "2026-11-23",
            "document": "示例决〔2026〕1号", "appeal_until": "2027-01-22"}  # fmt: skip
    late = client.post(f"{address}/revoke", data=form | {"decided_on": "2026-12-31"})
    assert late.status_code == 409 and "示例决〔2026〕1号" in late.text
    no_ground = client.post(f"{address}/revoke", data=form | {"ground": "made_up"})
    assert no_ground.status_code == 409
    done = client.post(f"{address}/revoke", data=form)
    assert done.url.path == address and "已登记" in done.text
    assert "示例决〔2026〕1号" in done.text and f"{address}/revoke" not in done.text
    again = client.get(f"{address}/revoke")
    assert "现在不能这样处理" in again.text


def test_a_correction_prepares_a_new_version(sign_in: SignIn, filled: Filled) -> None:
    client = sign_in("issuer")
    address = f"/console/certificates/{filled.certificates[1]}"
    form = {"ground": "name_changed", "decided_on": "2026-11-23"}
    page = client.get(f"{address}/correct")
    wrong = client.post(
        f"{address}/correct", data=form | {"token": token_of(page), "name": "a\u202eb"}
    )
    assert wrong.status_code == 409
    form |= {"token": token_of(wrong), "name": "张改名"}
    done = client.post(f"{address}/correct", data=form)
    assert "更正已登记" in done.text


def test_searching_leaves_no_name_in_an_address(sign_in: SignIn, filled: Filled) -> None:
    client = sign_in("issuer")
    page = client.post("/console/certificates", data={"q": "S000032000001264"})
    assert page.url.query == b"" and page.text.count("/console/certificates/") >= 3
    assert "没有找到" in client.post("/console/certificates", data={"q": "查无此人"}).text


def test_slips_open_the_certificate_once_they_are_handed_out(
    sign_in: SignIn, browser: Callable[..., TestClient], app: FastAPI, filled: Filled
) -> None:
    client = sign_in("registrar")
    row = client.get(f"/console/certificates/{filled.certificates[0]}")
    batch = row.text.split('href="/console/batches/')[1].split('"')[0]
    form = client.get(f"/console/batches/{batch}/slips")
    sheet = client.post(f"/console/batches/{batch}/slips", data={"token": token_of(form)})
    code = sheet.text.split('<p class="code">')[1].split("<")[0]
    last4 = sheet.text.split("末四位 ")[1].split("<")[0]
    holder = browser()
    wrong = holder.post("/pickup", data={"code": code, "last4": "0000"})
    made_up = holder.post("/pickup", data={"code": "AAAAA-AAAAA", "last4": last4})
    assert "对不上" in wrong.text and "对不上" in made_up.text
    page = holder.post("/pickup", data={"code": code.lower(), "last4": last4.lower()})
    assert page.url.path == "/pickup/certificates" and "证书 PDF" in page.text
    paper = holder.get("/pickup/certificates/1/json")
    assert paper.status_code == 200 and paper.headers["content-type"] == "application/vc"
    assert "attachment" in paper.headers["content-disposition"]
    assert holder.get("/pickup/certificates/9/json").status_code == 404
    assert holder.get("/pickup/certificates/1/exe").status_code == 404
    assert browser().get("/pickup/certificates").url.path == "/pickup"
    assert holder.get("/console").url.path == "/console/sign-in"
    holder.post("/pickup/leave")
    assert holder.get("/pickup/certificates").url.path == "/pickup"


def test_the_administrator_opens_and_closes_accounts(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    form = {"person": "新人甲", "name": "newcomer", "password": "not-a-real-password",
            "identity": citizen(901).number, "role": "provincial_checker",
            "province": "32"}  # fmt: skip
    page = admin.get("/console/accounts")
    missing = admin.post("/console/accounts", data=form | {"token": token_of(page), "province": ""})
    assert missing.status_code == 409 and 'value="newcomer"' in missing.text
    opened = admin.post("/console/accounts", data=form | {"token": token_of(missing)})
    assert "账号已经开好" in opened.text and "newcomer" in opened.text
    newcomer = sign_in("newcomer")
    account = opened.text.split("newcomer")[1].split("/console/accounts/")[1].split(chr(34))[0]
    page = admin.get(f"/console/accounts/{account}")
    more = {"token": token_of(page), "role": "provincial_issuer", "province": "32"}
    assert "角色已经授予" in admin.post(f"/console/accounts/{account}/grant", data=more).text
    less = {"token": token_of(admin.get(f"/console/accounts/{account}")), "account": account}
    ended = admin.post("/console/accounts/end-grant", data=less | {"role": "provincial_issuer"})
    assert "角色已经收回" in ended.text
    confirm = admin.get(f"/console/accounts/{account}/close")
    admin.post(f"/console/accounts/{account}/close", data={"token": token_of(confirm)})
    assert newcomer.get("/console").url.path == "/console/sign-in"


def test_two_accounts_of_one_person_are_one_person(sign_in: SignIn, app: FastAPI) -> None:
    admin = sign_in("admin")
    form = {"person": "新人乙", "password": "not-a-real-password", "province": "32"}
    number = citizen(902).number
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    for identity in ("", wrong):
        page = admin.get("/console/accounts")
        refused = form | {"name": "nobody", "role": "provincial_checker", "identity": identity}
        answer = admin.post("/console/accounts", data=refused | {"token": token_of(page)})
        assert answer.status_code == 409
    spellings = (f" {number[:6]} {number[6:]} ", number.translate(_WIDE))
    for spelling, role in zip(spellings, ("provincial_checker", "provincial_issuer"), strict=True):
        more = form | {"name": role, "role": role, "identity": spelling}
        more["token"] = token_of(admin.get("/console/accounts"))
        assert "账号已经开好" in admin.post("/console/accounts", data=more).text
    with app.state.office.reading() as session:
        names = ("provincial_checker", "provincial_issuer")
        persons = {credentials(session, name).person for name in names}
    assert len(persons) == 1


@pytest.mark.parametrize("account", ["99999", "9" * 30])
def test_an_account_that_is_not_there_gets_no_role(sign_in: SignIn, account: str) -> None:
    admin = sign_in("admin")
    form = {"role": "provincial_checker", "province": "32"}
    form["token"] = token_of(admin.get("/console/accounts"))
    answer = admin.post(f"/console/accounts/{account}/grant", data=form)
    assert answer.status_code in (404, 422)


def test_an_occupation_gets_its_source(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    listed = admin.get("/api/v1/catalogue").json()["occupations"]
    row = next(each for each in listed if not each["is_issuable"] and not each["is_special"])
    address = f"/console/occupations/{row['key']}"
    form = {"code": "6-29-99-99", "source": "示例文件第 3 页"}
    page = admin.get(address)
    wrong = admin.post(address, data=form | {"token": token_of(page), "code": "nonsense"})
    assert wrong.status_code == 409 and "示例文件第 3 页" in wrong.text
    done = admin.post(address, data=form | {"token": token_of(wrong)})
    assert "出处已补上" in done.text and "可以发证" in done.text


def test_the_template_comes_back_as_a_workbook(sign_in: SignIn) -> None:
    answer = sign_in("registrar").get("/console/batches/template.xlsx")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None


def test_a_held_number_is_tried_again_from_its_page(
    sign_in: SignIn, app: FastAPI, filled: Filled
) -> None:
    certificate = filled.certificates[2]
    address = f"/console/certificates/{certificate}"
    with app.state.office.writing.begin() as session:
        session.get_one(CertificateRow, certificate).state = "held"
        session.get_one(CertificateRow, certificate).reason = "signature"
    client = sign_in("issuer")
    assert "待人工处理" in client.get("/console").text
    assert f'href="{address}/retry"' in client.get(address).text
    assert sign_in("checker").get(f"{address}/retry").status_code == 403
    first, second = client.get(f"{address}/retry"), client.get(f"{address}/retry")
    done = client.post(f"{address}/retry", data={"token": token_of(first)})
    assert done.url.path == address and "已交回重新签发" in done.text and "待签发" in done.text
    late = client.post(f"{address}/retry", data={"token": token_of(second)})
    assert late.status_code == 409 and "不在“待处理”状态" in late.text


def test_the_same_problem_of_many_rows_is_told_once() -> None:
    same, other = (
        reason("occupation_unknown", "occupation", occupation="x"),
        reason("lookup_needs_two"),
    )
    told = grouped({9: (same,), 2: (same, other), 5: (same,)})
    assert told == [([2, 5, 9], same), ([2], other)]
