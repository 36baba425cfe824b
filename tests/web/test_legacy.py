"""Existing certificates over HTTP: brought in by one, confirmed by another, found by two facts."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import event
from starlette.testclient import TestClient

from registry.exchange import delimited
from registry.exchange.legacy import COLUMNS
from tests.registry import papers
from tests.registry.office import SITE
from tests.web.conftest import Clock
from tests.web.forms import token_of
from tests.web.test_reach import check as reachable

SignIn = Callable[[str], TestClient]


def picture(colour: str = "white") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(buffer, "PNG")
    return buffer.getvalue()


def citizen(serial: int) -> str:
    return papers.row(serial).identity.number


def table(*serials: int, **changes: str) -> bytes:
    """A CSV list of papers."""
    lines = [[column.heading for column in COLUMNS]]
    for serial in serials:
        cells = {
            "kind": "职业资格证书", "number": papers.number(serial),
            "name": papers.row(serial).name, "identity": citizen(serial), "occupation": "钢筋工",
            "mapped": "6-29-01-04", "level": "中级", "issuer": "示例省建设厅",
            "issued": "2019-06-20", "recorded": "在册", "reference": "示例档2019-3",
        } | changes  # fmt: skip
        lines.append([cells.get(column.key, "") for column in COLUMNS])
    return delimited.write(lines)


def upload(officer: TestClient, data: bytes) -> str:
    """Hand a list in up to the trial page; answers its address."""
    answer = officer.post(
        "/console/legacy/import",
        data={"source_kind": "archive", "source": "示例档案室", "reference": "示例移交1号"},
        files={"file": ("名册.csv", data, "text/csv")},
    )
    assert answer.status_code == 200, answer.text[:2000]
    return answer.url.path


def bring(officer: TestClient, *serials: int, **changes: str) -> str:
    """Import a list for good; answers the address of its page."""
    trial = upload(officer, table(*serials, **changes))
    answer = officer.post(trial, data={"token": token_of(officer.get(trial))})
    assert answer.status_code == 200 and "已导入" in answer.text
    return answer.url.path


def confirm(officer: TestClient, address: str) -> None:
    page = officer.get(address)
    assert officer.post(f"{address}/confirm", data={"token": token_of(page)}).status_code == 200


def look_up(client: TestClient, serial: int, **facts: str) -> str | None:
    """Address of the page that two facts lead to."""
    known = facts or {"name": papers.row(serial).name}
    answer = client.post(
        "/lookup", data={"number": papers.number(serial), **known}, follow_redirects=False
    )
    return answer.headers.get("location")


@pytest.fixture
def registered(sign_in: SignIn) -> str:
    """Address of the import page of two public papers."""
    address = bring(sign_in("checker"), 1, 2)
    confirm(sign_in("issuer"), address)
    return address


def main_of(text: str) -> str:
    return text.partition("<main")[2].partition("</main>")[0]


def test_two_facts_find_a_confirmed_paper(client: TestClient, sign_in: SignIn) -> None:
    address = bring(sign_in("checker"), 1)
    assert look_up(client, 1) is None
    confirm(sign_in("issuer"), address)
    page = look_up(client, 1)
    assert page is not None and page.startswith("/registered/")
    assert look_up(client, 1, last4=citizen(1)[-4:]) == page
    assert look_up(client, 1, name="别人") is None


def test_its_page_is_no_verdict(client: TestClient, registered: str) -> None:
    address = look_up(client, 1) or ""
    for language, said in (
        ("zh", "在本库登记，非本机构签发"),
        ("en", "Registered here, not signed by us"),
    ):
        page = client.get(address, params={"lang": language})
        reachable(page.text)
        main = main_of(page.text)
        assert said in main and papers.number(1) in main and papers.row(1).name not in main
        assert "有效" not in main and "alid" not in main
        assert "verdict" not in main and "<svg" not in main and "data:image" not in main
    assert citizen(1) not in page.text and client.get("/registered/none").status_code == 404


def test_every_miss_is_alike_and_asks_the_database_the_same(
    client: TestClient, registered: str
) -> None:
    pages, counts = set(), set()
    engine = client.app.state.office.reading.kw["bind"].engine  # type: ignore[attr-defined]
    for number, facts in (
        (papers.number(1), {"name": "王不对"}), (papers.number(1), {"last4": "0000"}),
        (papers.number(9), {"name": papers.row(1).name}),
        (papers.number(9), {"last4": citizen(1)[-4:]}), ("晋A012008000001", {"name": "王不对"}),
    ):  # fmt: skip
        asked: list[str] = []
        listener = lambda *given, seen=asked: seen.append(given[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        answer = client.post("/lookup", data={"number": number, **facts})
        event.remove(engine, "before_cursor_execute", listener)
        pages.add(re.sub(r' value="[^"]*"', "", answer.text))
        counts.add(tuple(asked))
    assert len(pages) == len(counts) == 1


def test_last_fours_of_a_paper_are_not_tried_out(
    client: TestClient, registered: str, clock: Clock
) -> None:
    wrong = [f"{n:04d}" for n in range(8000, 8021)]
    codes = [
        client.post("/lookup", data={"number": papers.number(1), "last4": each}).status_code
        for each in wrong
    ]
    assert codes == [200] * 20 + [429]


def test_a_marked_list_comes_back_and_the_same_changes_nothing(sign_in: SignIn) -> None:
    checker = sign_in("checker")
    confirm(sign_in("issuer"), bring(checker, 1))
    trial = upload(checker, table(1))
    page = checker.get(trial)
    assert "没有新的内容" in page.text and "导入 " not in main_of(page.text)
    trial = upload(
        checker, table(1, issuer="另一个厅") + table(5, issued="2030-01-01").split(b"\r\n", 1)[1]
    )
    page = checker.get(trial)
    reachable(page.text)
    assert "示例省建设厅" in page.text and "另一个厅" in page.text
    marked = checker.get(f"{trial}/marked")
    text = marked.content.decode("utf-8-sig")
    assert "问题" in text.splitlines()[0] and "晚于今天" in text.splitlines()[2]


def test_a_list_is_not_confirmed_by_its_importer(sign_in: SignIn) -> None:
    checker = sign_in("checker")
    address = bring(checker, 1)
    page = checker.get(address)
    assert f"{address}/confirm" not in page.text
    refused = checker.post(f"{address}/confirm", data={"token": token_of(page)})
    assert refused.status_code == 409 and "另一位" in refused.text


def test_other_roles_have_no_door(sign_in: SignIn, client: TestClient) -> None:
    for who in ("registrar", "examiner1", "admin"):
        officer = sign_in(who)
        assert officer.get("/console/legacy").status_code == 403
        assert officer.get("/console/legacy/export.csv").status_code == 403
    assert client.get("/console/legacy", follow_redirects=False).status_code == 303


def test_another_province_sees_nothing(sign_in: SignIn, registered: str) -> None:
    stranger = sign_in("stranger")
    assert papers.number(1) not in stranger.get("/console/legacy").text
    assert papers.number(1) not in stranger.get("/console/legacy/export.csv").text
    assert stranger.get(registered).status_code == 404
    assert stranger.get(entry_of(sign_in("checker"))).status_code == 404


def entry_of(officer: TestClient, serial: int = 1) -> str:
    """Address of an entry's page in the console."""
    found = officer.post("/console/legacy", data={"q": papers.number(serial)})
    address = re.search(r'href="(/console/legacy/\d+)"', found.text)
    assert address is not None
    return address[1]


def test_an_export_holds_no_id_number_and_runs_nothing(sign_in: SignIn) -> None:
    checker = sign_in("checker")
    bring(checker, 1, 2, reference="=1+1")
    table_of = checker.get("/console/legacy/export.csv")
    text = table_of.content.decode("utf-8-sig")
    assert text.count(papers.number(1)) == 1 and "'=1+1" in text and "\ufeff" not in text
    assert citizen(1) not in text and citizen(1)[-4:] in text


def attach(officer: TestClient, address: str, data: bytes, name: str = "a.png") -> TestClient:
    page = officer.get(address)
    return officer.post(
        f"{address}/images", data={"token": token_of(page)},
        files={"image": (name, data, "image/png")},
    )  # fmt: skip


def test_a_scan_is_kept_sealed_and_shown_to_officers_only(
    client: TestClient, sign_in: SignIn, registered: str
) -> None:
    checker = sign_in("checker")
    address = entry_of(checker)
    assert attach(checker, address, picture()).status_code == 200
    assert attach(checker, address, b"MZ no picture").status_code == 422
    page = checker.get(address)
    found = re.search(rf'src="({address}/images/\d+)"', page.text)
    assert found is not None
    image = checker.get(found[1])
    assert image.content == picture() and image.headers["content-type"] == "image/png"
    assert image.headers["x-content-type-options"] == "nosniff"
    assert sign_in("stranger").get(found[1]).status_code == 404
    assert client.get(found[1], follow_redirects=False).status_code == 303
    public = client.get(look_up(client, 1) or "")
    assert "/images/" not in public.text


def test_a_zip_is_matched_by_number(sign_in: SignIn, registered: str) -> None:
    checker = sign_in("checker")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{papers.number(1)}.png", picture())
        archive.writestr("陌生人.png", picture("red"))
        archive.writestr(f"{papers.number(2)}.txt", b"no scan")
        archive.writestr("../outside.png", picture("blue"))
    page = checker.get(registered)
    answer = checker.post(
        f"{registered}/images", data={"token": token_of(page)},
        files={"file": ("图.zip", buffer.getvalue(), "application/zip")},
    )  # fmt: skip
    reachable(answer.text)
    counted = re.findall(r"<b>(\d+)</b>", answer.text)
    assert counted[:4] == ["1", "0", "3", "1"]
    assert "陌生人.png" in answer.text and papers.number(2) in answer.text
    bad = checker.post(
        f"{registered}/images", data={"token": token_of(checker.get(registered))},
        files={"file": ("图.zip", b"PK\x03\x04 nothing", "application/zip")},
    )  # fmt: skip
    assert bad.status_code == 422 and "ZIP" in bad.text


def ask(client: TestClient, serial: int = 1) -> str:
    """Ask for a signed version; answers the receipt number."""
    address = look_up(client, serial) or ""
    answer = client.post(
        f"{address}/request",
        data={"name": papers.row(serial).name, "last4": citizen(serial)[-4:]},
    )
    reachable(answer.text)
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", answer.text)
    assert code is not None, answer.text[:3000]
    return code[0]


def test_a_request_goes_through_two_officers(
    client: TestClient, sign_in: SignIn, registered: str
) -> None:
    checker, issuer = sign_in("checker"), sign_in("issuer2")
    attach(checker, entry_of(checker), picture())
    code = ask(client)
    receipt = {"code": code.lower(), "last4": citizen(1)[-4:]}
    assert "等工作人员" in client.post("/receipt", data=receipt).text
    assert "申请等您办理" in checker.get("/console").text
    listed = checker.get("/console/legacy/requests")
    address = re.search(r'href="(/console/legacy/requests/\d+)"', listed.text)
    assert address is not None
    form = {
        "site": SITE, "occupation": "6-29-01-04", "level": "4", "work_type": "020",
        "assessed": "2019-06-10", "theory": "71", "practice": "80.5", "basis": "示例档2019-3-17",
    }  # fmt: skip
    page = checker.get(address[1])
    reachable(page.text)
    token = token_of(page)
    wrong = checker.post(f"{address[1]}/check", data=form | {"token": token, "level": "3",
                                                            "checks": papers.TICKS})  # fmt: skip
    assert wrong.status_code == 409 and "原编号里的等级" in wrong.text
    reachable(wrong.text)
    done = checker.post(f"{address[1]}/check", data=form | {"token": token_of(wrong),
                                                           "checks": papers.TICKS})  # fmt: skip
    assert done.status_code == 200 and "批准签发" not in done.text
    page = issuer.get(address[1])
    reachable(page.text)
    approved = issuer.post(f"{address[1]}/approve", data={"token": token_of(page)})
    assert approved.status_code == 200 and "已批准" in approved.text
    assert "正在签发" in client.post("/receipt", data=receipt).text


def test_a_receipt_opens_with_both_facts_only(
    client: TestClient, registered: str, clock: Clock
) -> None:
    code = ask(client)
    for facts in ({"code": code, "last4": "0000"}, {"code": "AAAAA-AAAAA", "last4": "0000"}):
        answer = client.post("/receipt", data=facts)
        assert answer.status_code == 422 and papers.number(1) not in answer.text
    good = {"code": code, "last4": citizen(1)[-4:]}
    withdrawn = client.post("/receipt/withdraw", data=good)
    assert "已撤回" in withdrawn.text
    reachable(withdrawn.text)
    clock.now += 3600
    client.app.state.office.rates.storage.reset()  # type: ignore[attr-defined]
    for _ in range(5):
        client.post("/receipt", data={"code": code, "last4": "0000"})
    assert client.post("/receipt", data=good).status_code == 422


def test_a_request_needs_both_facts(client: TestClient, registered: str) -> None:
    address = look_up(client, 1) or ""
    for facts in (
        {"name": papers.row(1).name}, {"last4": citizen(1)[-4:]},
        {"name": "别人", "last4": citizen(1)[-4:]}, {},
    ):  # fmt: skip
        answer = client.post(f"{address}/request", data=facts)
        assert answer.status_code == 422 and "都一样" in answer.text


def test_a_correction_waits_for_another_officer(sign_in: SignIn, registered: str) -> None:
    checker = sign_in("checker")
    address = entry_of(checker)
    page = checker.get(f"{address}/correct")
    reachable(page.text)
    form = {
        "name": papers.row(1).name, "identity_kind": "resident_id", "identity": "",
        "occupation": "钢筋工", "mapped": "6-29-01-04", "level": "中级", "issuer": "更名后的示例厅",
        "issued": "2019-06-20", "recorded": "in_force", "reference": "示例档2019-3", "why": "更名",
    }  # fmt: skip
    bad = checker.post(f"{address}/correct", data=form | {"token": token_of(page), "issued": "x"})
    assert bad.status_code == 409 and "更名后的示例厅" in bad.text
    done = checker.post(f"{address}/correct", data=form | {"token": token_of(bad)})
    assert "已提出" in done.text
    issuer = sign_in("issuer")
    page = issuer.get(address)
    reachable(page.text)
    change = re.search(r'action="(/console/legacy/changes/\d+)"', page.text)
    assert change is not None
    entry_id = address.rpartition("/")[2]
    done = issuer.post(
        change[1], data={"token": token_of(page), "entry_id": entry_id, "take": "take"}
    )
    assert "已照办" in done.text and "更名后的示例厅" in done.text


def test_pages_of_the_register(sign_in: SignIn, registered: str) -> None:
    checker = sign_in("checker")
    entry = entry_of(checker)
    for path in ("/console/legacy", "/console/legacy?state=imageless", "/console/legacy/import",
                 registered, entry, f"{entry}/correct", "/console/legacy/requests",
                 "/console/legacy/requests?done=true"):  # fmt: skip
        for language in ("zh", "en"):
            answer = checker.get(path, params={"lang": language} if "?" not in path else None)
            assert answer.status_code == 200, path
            reachable(answer.text)
    assert checker.get("/console/legacy/template.xlsx").content.startswith(b"PK")


def test_public_pages_of_the_register(client: TestClient, registered: str) -> None:
    for path in ("/receipt", look_up(client, 1) or ""):
        reachable(client.get(path).text)
