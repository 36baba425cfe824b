"""What a holder takes home: named after the real document, and a clear page where it fails."""

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from registry.documents import pdf
from registry.documents.fonts import Fonts
from registry.documents.press import Press
from registry.queries import certificates
from registry.queries.certificates import IssuedCertificate
from registry.queries.policy import policy
from registry.rules.decision import RefusedError
from registry.rules.policy import Policy
from registry.web import papers
from registry.web.problems import Problem
from tests.web.conftest import Filled


@pytest.fixture
def found(app: FastAPI, filled: Filled) -> tuple[IssuedCertificate, Policy]:
    with app.state.office.reading() as session:
        return certificates.issued(session, filled.certificates[0]), policy(session)


def test_the_face_names_the_holders_real_kind_of_document(
    app: FastAPI, found: tuple[IssuedCertificate, Policy]
) -> None:
    issued, rules = found
    config = app.state.office.config
    assert issued.id_kind == "resident_id"
    for kind, zh, en in (
        ("resident_id", "居民身份证", "Resident identity card"),
        ("passport", "护照（外国）", "Foreign passport"),
        ("taiwan", "台湾居民来往大陆通行证", "Mainland travel permit for Taiwan residents"),
    ):
        face = papers.face(replace(issued, id_kind=kind), None, config, rules)
        assert face.id_type == {"zh": zh, "en": en}
    with pytest.raises(RefusedError):
        papers.face(replace(issued, id_kind="library_card"), None, config, rules)


def test_what_cannot_be_printed_is_said(
    app: FastAPI, found: tuple[IssuedCertificate, Policy], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    issued, rules = found
    config = app.state.office.config
    facts = replace(issued.certificate.facts, name="长" * 4000)
    long = replace(issued, certificate=replace(issued.certificate, facts=facts))
    with pytest.raises(Problem) as caught:
        papers.make("pdf", long, None, config, rules)
    assert caught.value.status_code == 422 and "排不下" in str(caught.value.said)
    # A machine without the pinned fonts.
    bare = Press(Fonts(pinned=(("no_such_font_package", "a.otf", "0" * 64),), extra=()))
    monkeypatch.setattr(pdf, "PRESS", bare)
    with pytest.raises(Problem) as caught:
        papers.make("pdf", issued, None, config, rules)
    assert caught.value.status_code == 503 and "字库" in str(caught.value.said)
    assert papers.make("json", issued, None, config, rules).data == issued.document
