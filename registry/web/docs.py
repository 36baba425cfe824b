"""The interface described: the OpenAPI document, and a page of it that needs no script."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from registry.web import api_verify
from registry.web.office import Office, office
from registry.web.problems import MEDIA_TYPE, phrase

routes = APIRouter(include_in_schema=False)

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "reference": {"type": "string"},
    },
}
_DESCRIPTION = (
    "Every verdict is HTTP 200 with one report, described by one JSON Schema for command line, API "
    "and browser. Errors are RFC 9457 problem details. No sign-in is needed for what stands here."
)


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document with the operation that is no FastAPI route merged in."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="匠印 Hallmark", version="1", description=_DESCRIPTION, routes=app.routes
        )
        made.setdefault("paths", {})[api_verify.PATH] = {"post": api_verify.OPERATION}
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = PROBLEM
        schemas["Report"] = api_verify.report_schema()
        for path in made["paths"].values():
            for operation in path.values():
                for status in ("413", "429", "500"):
                    operation["responses"].setdefault(status, _problem(int(status)))
        app.openapi_schema = made
    return app.openapi_schema


def _problem(status: int) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Problem"}
    return {"description": phrase(status), "content": {MEDIA_TYPE: {"schema": reference}}}


@routes.get("/openapi.json")
def openapi_json(request: Request) -> Response:
    """The OpenAPI 3.1 document."""
    response = JSONResponse(document(request.app))
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@routes.get("/docs")
def docs_page(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """The same document as a page."""
    described = document(request.app)
    schemas = {
        name: json.dumps(schema, ensure_ascii=False, indent=2)
        for name, schema in described["components"]["schemas"].items()
        if name not in ("HTTPValidationError", "ValidationError")
    }
    return here.pages.render(
        request, "public/docs.html", described=described, schemas=schemas,
        example=json.dumps(api_verify.EXAMPLE, ensure_ascii=False, indent=2),
        verify_path=api_verify.PATH,
    )  # fmt: skip
