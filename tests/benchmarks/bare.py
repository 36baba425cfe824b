"""The server to compare with: one Starlette route that makes one raw verification.

``python -m tests.benchmarks.bare FOLDER PORT`` serves with the settings of ``hallmark serve``.
``FOLDER/signed`` holds signed messages in hex, one to the line, ``FOLDER/key`` the public key.
"""

import sys
from itertools import cycle
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.benchmarks import raw

PATH = "/verify"


def application(folder: Path) -> Starlette:
    """The route alone: it reads the body, verifies the next message, and answers."""
    public = bytes.fromhex((folder / "key").read_text())
    signed = [bytes.fromhex(each) for each in (folder / "signed").read_text().split()]
    is_sound = raw.verifier(public, max(map(len, signed)))
    messages = cycle(signed)

    async def verify(request: Request) -> Response:
        await request.body()
        if not is_sound(next(messages)):
            return Response(status_code=500)
        return Response(b'{"verdict":"valid"}', media_type="application/json")

    return Starlette(routes=[Route(PATH, verify, methods=["POST"])])


def main() -> None:
    """Serve until told to stop."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    uvicorn.run(
        application(folder), host="127.0.0.1", port=port, log_level="warning", access_log=False,
        server_header=False, date_header=True, proxy_headers=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
