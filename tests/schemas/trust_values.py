"""A root and a trust list that use every field; the keys are bytes, nothing is signed with them."""

from datetime import date
from hashlib import sha256

from schemas.certificate import Kind
from schemas.trust import (
    Checkpoint,
    Closed,
    Freshness,
    Holder,
    HolderKey,
    Issuer,
    Key,
    Location,
    Log,
    Name,
    Root,
    TrustList,
    Witness,
)

HOST = "certs.example.gov.cn"
YEAR = 1767225600  # 2026-01-01T00:00:00Z


def public(name: str) -> bytes:
    return sha256(name.encode()).digest()


def key(name: str, role: str, **more: object) -> Key:
    values = {"issuer": None, "start": YEAR, **more}
    return Key(name=f"{HOST}/{name}", role=role, public=public(name), **values)  # type: ignore[arg-type]


ROOT = Root(
    registry=HOST,
    version=1,
    threshold=2,
    holders=tuple(
        Holder(name=f"{HOST}/root/{name}", keys=(HolderKey(public=public(name)),))
        for name in ("ministry", "centre", "archive")
    ),
)

ISSUER = Issuer(
    id="jst",
    did=f"did:web:{HOST}:issuers:jst",
    names=(
        Name(zh="某省实施机构", en="A Body", start=date(2019, 1, 1), until=date(2025, 12, 31)),
        Name(zh="某省技能评价中心", en="A Centre", start=date(2026, 1, 1)),
    ),
    phone="+86 000-12345678",
    successor="jst2",
)
HEIR = Issuer(
    id="jst2",
    did=f"did:web:{HOST}:issuers:jst2",
    names=(Name(zh="某省新机构", en="A New Body", start=date(2027, 1, 1)),),
)
STOLEN = Closed(why="stolen", at=YEAR + 9, log=f"{HOST}/log", size=7, root=public("root hash"))

FIRST = TrustList(
    registry=HOST,
    version=1,
    issued=YEAR,
    previous=None,
    root=1,
    issuers=(),
    keys=(),
    status=(f"https://{HOST}/s/",),
    freshness=Freshness(trust=86400, status=3600),
)

FULL = TrustList(
    registry=HOST,
    version=2,
    issued=YEAR + 60,
    previous=public("version 1"),
    root=1,
    issuers=(ISSUER, HEIR),
    keys=(
        key("issuer/1", "issuer", issuer="jst", kinds=(Kind.LEVEL,), provinces=("72", "10")),
        key("issuer/2", "issuer", issuer="jst", until=YEAR + 3600, closed=STOLEN),
        key("issuer/3", "issuer", issuer="jst2", closed=Closed(why="retired", at=YEAR + 5)),
        key("status", "status", checks=("issued", "logged")),
        key("log", "log"),
        key("witness", "witness"),
        key("authority", "authority"),
    ),
    logs=(Log(origin=f"{HOST}/log", url=f"https://{HOST}/log/", key=f"{HOST}/log"),),
    witnesses=(Witness(key=f"{HOST}/witness", group="outside", start=YEAR, until=YEAR + 99),),
    status=(f"https://{HOST}/s/", f"https://{HOST}/i/"),
    locations=(Location(old=f"https://{HOST}/", new="https://new.example/old/"),),
    freshness=Freshness(trust=86400, status=3600),
    checkpoints=(Checkpoint(log=f"{HOST}/log", note="a\n1\nb\n\n— x y\n"),),
    phone="12345",
)
