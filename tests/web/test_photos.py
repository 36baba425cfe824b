"""Photographs through the pages: handed over, looked through, taken off; strangers send nothing."""

import io
import zipfile
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from registry.acts import pickups
from registry.demo.photos import portrait
from registry.publish.tree import FolderTree
from registry.records.accounts import Account
from registry.records.assessment import Result
from registry.records.certificates import PickupCode
from registry.web import middleware, visitors
from registry.web.office import Office
from registry.work import photographs
from registry.work.context import Context
from tests.registry.office import PERSONAL, citizen
from tests.web.conftest import Filled
from tests.web.forms import token_of

SignIn = Callable[[str], TestClient]


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, data in files.items():
            made.writestr(f"{name}.jpg", data)
    return buffer.getvalue()


def hand_over(client: TestClient, batch: int, data: bytes) -> object:
    address = f"/console/batches/{batch}/photos"
    token = token_of(client.get(address))
    return client.post(address, files={"file": ("照片.zip", data)}, data={"token": token})


def work(app: FastAPI) -> None:
    """The worker, over the folder and the database of the pages."""
    here: Office = app.state.office
    context = Context(
        config=here.config, reading=here.reading, writing=here.writing, signers={},
        tree=FolderTree(here.config.public), trust=None, clock=here.clock,
        random=lambda size: bytes(size), worker="pages", personal=PERSONAL,
    )  # fmt: skip
    while photographs.step(context):
        pass


def numbers(app: FastAPI, batch: int) -> list[str]:
    """ID numbers of the batch's people, by the look-up value of invented ones."""
    known = {PERSONAL.lookup(citizen(serial)): citizen(serial).number for serial in range(700)}
    with app.state.office.reading() as session:
        rows = session.scalars(
            select(Result.id_lookup).where(Result.batch_id == batch).order_by(Result.id)
        )
        return [known[each] for each in rows]


def test_an_archive_is_handed_over_worked_through_and_looked_at(
    sign_in: SignIn, app: FastAPI, filled: Filled
) -> None:
    client, batch = sign_in("registrar"), filled.draft
    first, *others = numbers(app, batch)
    page = hand_over(client, batch, archive(**{first: portrait(1), "000000": portrait(2)}))
    assert page.status_code == 200 and "正在后台处理" in page.text
    address = f"/console/batches/{batch}/photos"
    assert client.get(f"{address}/progress.json").json() == {
        "state": "waiting", "done": 0, "total": 2,
    }  # fmt: skip
    work(app)
    done = client.get(address)
    assert "000000.jpg" in done.text and "批次里没有这个准考证号" in done.text
    pictured = client.get(f"{address}?show=with")
    source = pictured.text.split('<img src="')[1].split('"')[0]
    picture = client.get(source)
    assert picture.headers["content-type"] == "image/jpeg" and picture.content[:2] == b"\xff\xd8"
    assert "private" in picture.headers["cache-control"]
    listed = client.get(f"{address}/without.csv").content.decode("utf-8-sig").splitlines()
    assert len(listed) == 1 + len(others)
    assert first not in done.text + pictured.text
    told = client.get(f"{address}/problems.csv?intake=1").content.decode("utf-8-sig")
    assert "000000.jpg" in told
    result = source.rsplit("/", 1)[1].removesuffix(".jpg")
    token = token_of(pictured)
    gone = client.post(f"{address}/detach", data={"token": token, "result": result})
    assert "照片已取下" in gone.text and client.get(source).status_code == 404


@pytest.mark.parametrize("data", [b"no archive", archive(), b""])
def test_what_is_no_archive_is_told_on_the_page_and_kept_nowhere(
    sign_in: SignIn, app: FastAPI, filled: Filled, data: bytes
) -> None:
    page = hand_over(sign_in("registrar"), filled.draft, data)
    assert page.status_code == 422 and "还有地方要改" in page.text
    uploads = app.state.office.config.folder / "uploads"
    assert not uploads.exists() or not list(uploads.iterdir())


def test_an_archive_can_be_called_off(sign_in: SignIn, app: FastAPI, filled: Filled) -> None:
    client = sign_in("registrar")
    page = hand_over(client, filled.draft, archive(**{"1": portrait(1)}))
    again = hand_over(client, filled.draft, archive(**{"2": portrait(1)}))
    assert again.status_code in (422, 400) or "正在处理" in again.text
    stopped = client.post(
        f"/console/batches/{filled.draft}/photos/call-off",
        data={"token": token_of(page), "intake": "1"},
    )
    assert "已停下" in stopped.text
    work(app)
    assert "有照片" in client.get(f"/console/batches/{filled.draft}/photos").text


def test_others_see_pictures_only_of_batches_that_they_see(
    sign_in: SignIn, filled: Filled, client: TestClient
) -> None:
    address = f"/console/batches/{filled.draft}/photos"
    assert client.get(address, follow_redirects=False).status_code == 303
    for name in ("checker", "issuer"):
        page = sign_in(name).get(address)
        assert page.status_code == 200 and "上传照片包" not in page.text


def test_a_stranger_s_two_gigabytes_are_not_read(
    client: TestClient, filled: Filled, sign_in: SignIn, app: FastAPI
) -> None:
    address = f"/console/batches/{filled.draft}/photos"
    much = b"x" * (middleware.DEFAULT_LIMIT + 1)
    assert client.post(address, files={"file": ("a.zip", much)}).status_code == 413
    known = hand_over(sign_in("registrar"), filled.draft, much)
    assert known.status_code == 422


def test_officers_who_hand_over_no_files_send_nothing_long(sign_in: SignIn, filled: Filled) -> None:
    much = b"x" * (middleware.DEFAULT_LIMIT + 1)
    address = f"/console/batches/{filled.draft}/photos"
    assert sign_in("admin").post(address, files={"file": ("a.zip", much)}).status_code == 413


def test_a_holder_with_a_pick_up_code_sends_nothing_long(
    client: TestClient, app: FastAPI, filled: Filled
) -> None:
    here: Office = app.state.office
    now = here.clock()
    with here.writing.begin() as session:
        account = session.scalars(select(Account)).first()
        row = session.scalars(select(Result).where(Result.batch_id == filled.draft)).first()
        code = PickupCode(
            code_hash=bytes(32), result_id=row.id, made_by=account.person_id, made_at=now,
            expires_at=now + 3600, ended_at=None, failures=0,
        )  # fmt: skip
        session.add(code)
        session.flush()
        pickups.open_session(session, now, code.id, visitors.hashed("a-token"), now + 3600)
    client.cookies.set("hallmark", "a-token")
    assert client.get("/pickup/certificates").url.path == "/pickup/certificates"
    much = b"x" * (middleware.DEFAULT_LIMIT + 1)
    address = f"/console/batches/{filled.draft}/photos"
    assert client.post(address, files={"file": ("a.zip", much)}).status_code == 413


def test_a_formula_in_a_name_stays_text_in_the_list(
    sign_in: SignIn, app: FastAPI, filled: Filled
) -> None:
    with app.state.office.writing.begin() as session:
        row = session.scalars(select(Result).where(Result.batch_id == filled.draft)).first()
        row.name = "=1+1"
    listed = sign_in("registrar").get(f"/console/batches/{filled.draft}/photos/without.csv")
    assert "'=1+1" in listed.text
