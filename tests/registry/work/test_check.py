"""What our own verifier read of a form is all that was to be written, names included."""

from dataclasses import replace

from registry.work import check, issue
from tests.registry.work import workshop
from verifier.verify import verify


def test_a_form_with_other_names_is_objected_to(bench):
    bench.write(lambda session: workshop.start(session, bench.office, 1))
    assert issue.step(bench.worker)
    (row,) = issue._prepared(bench.worker)
    (ready,) = check.ready(bench.worker, [row])
    assert ready.objection is None
    facts, names = row.certificate.facts, row.certificate.names
    other = replace(names, issuer=f"{names.issuer}！")
    found = {}
    for name, form in check.FORMS:
        report = verify(form(ready), bench.worker.trust, facts.signed_at)
        assert check.objection(name, facts, report, names) is None
        found[name] = check.objection(name, facts, report, other)
    # The QR code states no names.
    assert found == {"qr": None, "json": "json: reads with other names"}
