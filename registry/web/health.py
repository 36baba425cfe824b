"""``/healthz``: the process lives. ``/readyz``: it can do its work, or why it cannot."""

from itertools import count
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from registry.records import revision
from registry.records.errors import RevisionError
from registry.web.office import Office, office
from verifier.trust import Trust

routes = APIRouter(include_in_schema=False)

JSON = "application/json"


@routes.get("/healthz")
def alive() -> Response:
    """Answers as long as the process can answer anything."""
    return Response(b'{"status":"alive"}', media_type=JSON)


@routes.get("/readyz")
def ready(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """Whether database, tables, trust list and status lists are there, each with its reason."""
    checks = {
        "database": _database(here),
        "trust_list": _trust(here),
        "status_lists": _lists(here),
    }
    is_ready = all(each["ok"] for each in checks.values())
    body = {"status": "ready" if is_ready else "not ready", "checks": checks}
    headers = {} if is_ready else {"Retry-After": "5"}
    return Response(orjson.dumps(body), 200 if is_ready else 503, headers=headers, media_type=JSON)


def _database(here: Office) -> dict[str, Any]:
    try:
        with here.reading() as session:
            there = revision.found(session)
    except RevisionError as error:
        return {"ok": False, "reason": "migrations", "said": str(error)}
    except SQLAlchemyError as error:
        return {"ok": False, "reason": "away", "said": type(error).__name__}
    if there == revision.head():
        return {"ok": True, "revision": there}
    # Migrated under a running program, which goes on until it is started anew.
    is_newer = revision.is_newer(there)
    return {"ok": is_newer, "reason": "migrations", "said": revision.sentence(there)}


def _trust(here: Office) -> dict[str, Any]:
    trust = here.evidence.current().trust
    if isinstance(trust, Trust):
        return {"ok": True, "version": trust.version}
    if trust is None:
        return {"ok": False, "reason": "no_root", "said": "no root.note, or none readable"}
    return {"ok": False, "reason": "refused", "said": str(trust)}


def _lists(here: Office) -> dict[str, Any]:
    """Whether the lists in memory may still be believed; a registry's lists are numbered from 1."""
    snapshot, now = here.evidence.current(), here.clock()
    if snapshot.evidence is None:
        return {"ok": False, "reason": "no_trust_list"}
    ages: list[int] = []
    for number in count(1):
        found = snapshot.evidence.status_list(f"{here.config.base}/s/{number}")
        if found.problem == "missing":
            return {"ok": True, "lists": number - 1, "oldest_seconds": max(ages, default=0)}
        if found.value is None:
            return {"ok": False, "reason": found.problem, "list": number}
        if found.value.expires <= now:
            return {"ok": False, "reason": "stale", "list": number, "expired": found.value.expires}
        ages.append(now - found.value.issued)
    raise AssertionError("unreachable")
