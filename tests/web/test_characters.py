"""Characters that no table holds: a refusal like any other, over every database."""

import io
import zipfile
from collections.abc import Callable

import pytest
from fastapi import UploadFile
from starlette.testclient import TestClient

from registry.demo.photos import portrait
from registry.web import uploads
from tests.web.conftest import Filled
from tests.web.forms import token_of

SignIn = Callable[[str], TestClient]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/console/sign-in", {"name": "a\0b", "password": "c\0d"}),
        ("/lookup", {"number": "S000099999999999\0", "name": "a\0b", "last4": "1\0" "23"}),
        ("/pickup", {"code": "AAAAA\0AAAAA", "last4": "1\0" "23"}),
        ("/receipt", {"code": "AAAAA\0AAAAA", "last4": "1\0" "23"}),
        ("/verify", {"text": "x\0y"}),
    ],
)  # fmt: skip
def test_a_nul_in_a_form_of_the_public(
    client: TestClient, filled: Filled, path: str, fields: dict[str, str]
) -> None:
    assert client.post(path, data=fields).status_code < 500


@pytest.mark.parametrize("path", ["/registered/%00", "/c/%00", "/s/%00", "/catalogue/%00"])
def test_a_nul_in_an_address(client: TestClient, filled: Filled, path: str) -> None:
    assert 400 <= client.get(path).status_code < 500


def test_a_nul_in_a_search(sign_in: SignIn, filled: Filled) -> None:
    assert sign_in("checker").post("/console/legacy", data={"q": "a\0b"}).status_code < 500
    answer = sign_in("registrar").post("/console/certificates", data={"q": "a\0b"})
    assert answer.status_code < 500


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a\ud800b.csv", "ab.csv"), ("a\0b.csv", "ab.csv"), ("a\r\nb.csv", "ab.csv"),
     ("\u202evsc.a", "vsc.a"), ("成绩 表.xlsx", "成绩 表.xlsx"), (None, "")],
)  # fmt: skip
def test_an_unprintable_part_of_a_file_s_name_is_left_out(name: str | None, kept: str) -> None:
    assert uploads.file_name(UploadFile(io.BytesIO(), filename=name)) == kept


def test_a_file_name_in_an_encoding_of_its_own_is_no_crash(sign_in: SignIn, filled: Filled) -> None:
    client, address = sign_in("registrar"), f"/console/batches/{filled.draft}/photos"
    picture = io.BytesIO()
    with zipfile.ZipFile(picture, "w") as made:
        made.writestr("1.jpg", portrait(1))
    token = token_of(client.get(address)).encode()
    # +2AA- is half a character in UTF-7, +AAA- a NUL, +AC0- and +AF8- what a token may hold.
    token = token.replace(b"-", b"+AC0-").replace(b"_", b"+AF8-")
    body = b"".join((
        b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n', token,
        b'\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a+2AA-+AAA-.zip"',
        b"\r\n\r\n", picture.getvalue(), b"\r\n--x--\r\n",
    ))  # fmt: skip
    kind = "multipart/form-data; charset=utf-7; boundary=x"
    answer = client.post(address, content=body, headers={"content-type": kind})
    assert answer.status_code == 200 and "a.zip" in client.get(address).text
