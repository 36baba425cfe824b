"""The interface described: the OpenAPI document, and a page of it that needs no script."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from registry.web import api_verify
from registry.web.office import Office, office
from registry.web.problems import MEDIA_TYPE, WORDS, phrase
from registry.web.words import mark

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


SAID = {
    api_verify.PATH: (
        mark("验证任何形式的证书"),
        mark("请求正文可以是 JSON：`input` 写二维码文字、网址或证书 JSON（写成一段文字），还可以写上您知道的 `number`、`name`、`last4`；也可以直接就是二维码文字、JSON、COSE、PDF、PNG 或 JPEG。无论结论如何，都返回 200 和一份报告。别的网站的页面也可以调用：应答带 `Access-Control-Allow-Origin: *`，不读取也不接受任何登录信息。"),  # noqa: E501
    ),
    "/api/v1/catalogue": (
        mark("全部职业，含等级和出处"), mark("整个职业目录，一份 JSON，按目录顺序。"),
    ),
    "/api/v1/catalogue.csv": (
        mark("全部职业（CSV）"), mark("UTF-8 编码、带字节序标记的 CSV，表格软件可以直接打开。"),
    ),
    "/api/v1/catalogue/{code}": (
        mark("一个职业"), mark("按印在目录上的编码或本站的键查；没有就返回 404。"),
    ),
}  # fmt: skip
"""Path -> what the page says of it; the machine's document says the same in English."""
DONE = mark("成功")


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
        verify_path=api_verify.PATH, said=SAID,
        answers={"200": DONE} | {str(code): words[1] for code, words in WORDS.items()},
    )  # fmt: skip
