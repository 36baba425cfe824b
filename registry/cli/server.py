"""The server below the application, and its end without a lost request.

Told to stop, it takes no more connections, answers what comes on those it has with ``Connection:
close``, and ends when the last one is gone. Whoever holds the listening socket beside it (systemd,
or the process that started several) keeps new connections waiting for the next one.
"""

import asyncio
import signal
import socket

import uvicorn
from uvicorn.importer import import_from_string

from registry.operations import memory

APPLICATION = "registry.app:from_environment"
"""Named, not imported: the worker shares this command line and needs nothing of the web."""
KEEP_ALIVE = 5
"""Seconds for which a connection without requests stays open, also while the server ends."""
GRACE = 30
"""Seconds that requests under way have to end after that."""
BACKLOG = 2048


class Server(uvicorn.Server):
    """Drains its connections before it closes them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let open connections come to their end by themselves, then close what is left."""
        for server in self.servers:
            server.close()
        self.server_state.default_headers = [
            *self.server_state.default_headers, (b"connection", b"close"),
        ]  # fmt: skip
        for _ in range(KEEP_ALIVE * 20):
            if not self.server_state.connections or self.force_exit:
                break
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)


def listener(host: str, port: int, fd: int | None) -> socket.socket:
    """The listening socket: one that was handed over as a file, or a new one.

    Raises:
        OSError: the address cannot be used, or the file is no listening socket.
    """
    if fd is None:
        made = socket.create_server(
            (host, port), backlog=BACKLOG, family=_family(host), reuse_port=False
        )
    else:
        made = socket.socket(fileno=fd)
        if not made.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise OSError(f"file {fd} is no listening socket")
    made.setblocking(False)
    return made


def run(listening: socket.socket) -> None:
    """Serve the registry that ``HALLMARK_DIR`` names until told to stop, then close it.

    Raises:
        ConfigError: a setting cannot be used.
        SealedFileError: the keys over ID numbers do not open.
    """
    memory.few_arenas()
    app = import_from_string(APPLICATION)()
    config = uvicorn.Config(
        app, log_config=None, log_level="warning", access_log=False, server_header=False,
        date_header=True, proxy_headers=False, timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE, backlog=BACKLOG, lifespan="off",
    )  # fmt: skip
    # The server raises the signal once more when it has ended; there is nothing left to do then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        Server(config).run([listening])
    finally:
        app.state.closing.close()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
