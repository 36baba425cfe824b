"""Bodies, designations, sites and what they are accredited and filed for, from a plan."""

from typing import Any

from sqlalchemy import select

from registry.acts import accreditation, organisations
from registry.acts.founding_record import Founding
from registry.acts.organisations import NewBody, NewSite
from registry.queries import organisations as queries
from registry.queries.organisations import BodyRow
from registry.records.accreditation import Accreditation, Filing
from registry.records.organisations import Body as BodyRecord
from registry.records.organisations import BodyRole, Designation, HostKind
from registry.records.organisations import Site as SiteRecord
from registry.rules.founding import Body, Site


def add(founding: Founding) -> None:
    """Record the bodies, their designations, the sites, accreditations and filings."""
    for number, body in enumerate(founding.plan.bodies):
        _body(founding, f"bodies[{number}]", body)
    _designations(founding)
    for number, site in enumerate(founding.plan.sites):
        _site(founding, f"sites[{number}]", site)
    _filings(founding)


def _body(founding: Founding, path: str, body: Body) -> None:
    known = _known_body(founding, body)
    if known is not None:
        founding.bodies[body.id] = known.id
        _same_body(founding, path, body, known)
        if body.key is not None and body.key != known.key_name:
            organisations.name_key(founding.session, None, founding.now, known.id, body.key)
            founding.added["keys"] += 1
        return
    new = NewBody(
        role=BodyRole(body.role), zh=body.zh, en=body.en, from_on=body.from_on,
        url=body.url or founding.url, issuer=body.id if body.signs else None, key_name=body.key,
        letter=body.letter, code=body.code, province=body.province,
        parent=_parent(founding, body), phone=body.phone, appeal_body=body.appeal_body,
    )  # fmt: skip
    with founding.at(f"{path}.id"):
        founding.bodies[body.id] = organisations.record_body(
            founding.session, None, founding.now, new
        )
        founding.added["bodies"] += 1


def _parent(founding: Founding, body: Body) -> int | None:
    return None if body.parent is None else founding.bodies.get(body.parent)


def _known_body(founding: Founding, body: Body) -> BodyRow | None:
    """The body by its issuer id; one that signs nothing by its role and province."""
    for row in queries.bodies(founding.session).values():
        if body.signs and row.issuer == body.id:
            return row
        if not body.signs and row.issuer is None:
            if (row.role, row.province) == (body.role, body.province):
                return row
    return None


def _same_body(founding: Founding, path: str, body: Body, known: BodyRow) -> None:
    letter, code = founding.session.execute(
        select(BodyRecord.letter, BodyRecord.code).where(BodyRecord.id == known.id)
    ).one()
    first = known.names[0]
    said: dict[str, Any] = {
        "role": body.role, "zh": body.zh, "en": body.en, "from": body.from_on,
        "letter": body.letter, "code": body.code, "province": body.province,
        "parent": _parent(founding, body), "url": body.url or founding.url,
        "phone": body.phone, "appeal_body": body.appeal_body,
    }  # fmt: skip
    founding.same(path, said, {
        "role": known.role, "zh": first.zh, "en": first.en, "from": first.from_on,
        "letter": letter, "code": code, "province": known.province, "parent": known.parent,
        "url": known.url, "phone": known.phone, "appeal_body": known.appeal_body,
    })  # fmt: skip


def _designations(founding: Founding) -> None:
    rows = founding.session.execute(
        select(
            Designation.department_id, Designation.body_id, Designation.from_on, Designation.source
        )
    )
    known = {(row[0], row[1], row[2]): row[3] for row in rows}
    for number, each in enumerate(founding.plan.designations):
        department = founding.bodies.get(each.department)
        body = founding.bodies.get(each.body)
        if department is None or body is None:
            continue  # a fault of that body is noted already
        path = f"designations[{number}]"
        source = known.get((department, body, each.from_on))
        if source is not None:
            founding.same(path, {"source": each.source}, {"source": source})
            continue
        with founding.at(path):
            organisations.designate(
                founding.session, None, founding.now, department, body, each.from_on, each.source
            )
            founding.added["designations"] += 1
        known[department, body, each.from_on] = each.source


def _site(founding: Founding, path: str, site: Site) -> None:
    body = founding.bodies.get(site.body)
    if body is None:
        return
    known = founding.session.scalar(select(SiteRecord).where(SiteRecord.number == site.number))
    if known is not None:
        said = {
            "serial": site.serial, "body": body, "province": site.province, "zh": site.zh,
            "en": site.en, "host": site.host, "address": site.address, "phone": site.phone,
        }  # fmt: skip
        founding.same(path, said, {
            "serial": known.serial, "body": known.body_id, "province": known.province,
            "zh": known.name_zh, "en": known.name_en, "host": known.host_kind,
            "address": known.address, "phone": known.phone,
        })  # fmt: skip
        founding.sites[site.number] = known.id
    else:
        new = NewSite(
            number=site.number, serial=site.serial, body=body, province=site.province,
            name_zh=site.zh, name_en=site.en, host_kind=HostKind(site.host), address=site.address,
            phone=site.phone,
        )  # fmt: skip
        founding.sites[site.number] = organisations.record_site(
            founding.session, None, founding.now, new
        )
        founding.added["sites"] += 1
    _accreditations(founding, path, site)


def _accreditations(founding: Founding, path: str, site: Site) -> None:
    site_id = founding.sites[site.number]
    for number, scope in enumerate(site.accreditations):
        known = founding.session.execute(
            select(
                Accreditation.occupation_id, Accreditation.level, Accreditation.from_on,
                Accreditation.until_on, Accreditation.decision,
            ).where(Accreditation.site_id == site_id)
        ).all()  # fmt: skip
        where = f"{path}.accreditations[{number}]"
        for occupation, levels in founding.missing(where, scope, known):
            accreditation.accredit(
                founding.session, None, founding.now, site_id, occupation, levels,
                scope.from_on, scope.until_on, scope.source,
            )  # fmt: skip
            founding.added["accreditations"] += len(levels)


def _filings(founding: Founding) -> None:
    for number, each in enumerate(founding.plan.filings):
        body = founding.bodies.get(each.body)
        if body is None:
            continue
        known = founding.session.execute(
            select(
                Filing.occupation_id, Filing.level, Filing.from_on, Filing.until_on, Filing.source
            ).where(Filing.body_id == body)
        ).all()
        for occupation, levels in founding.missing(f"filings[{number}]", each.scope, known):
            accreditation.file(
                founding.session, None, founding.now, body, occupation, levels,
                each.scope.from_on, each.scope.until_on, each.scope.source,
            )  # fmt: skip
            founding.added["filings"] += len(levels)
