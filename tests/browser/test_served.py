"""The scan page as the registry serves it, with its real headers, to a real browser."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import uvicorn

from registry.app import create_app
from registry.config import Config
from registry.records.schema import migrate
from registry.records.session import open_engine
from schemas.certificate import State
from tests.browser.site import PHONE, chromium
from tests.world import NOW, World

pytestmark = pytest.mark.browser

STATES = {
    "valid": State.VALID, "revoked": State.REVOKED, "superseded": State.SUPERSEDED,
    "suspended": State.SUSPENDED,
}  # fmt: skip
HEADLINES = {
    "valid": "Valid", "revoked": "Revoked", "superseded": "Replaced", "suspended": "Suspended",
}  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A running registry with one certificate in each state: its origin, and the codes' texts."""
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("served")
    texts = _publish(folder, base)
    (folder / "hallmark.toml").write_text(f'base = "{base}"\n')
    engine = open_engine(f"sqlite:///{folder / 'hallmark.db'}")
    migrate(engine)
    engine.dispose()
    app = create_app(Config.for_folder(folder), lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield base, texts
    server.should_exit = True
    thread.join()


def _publish(folder: Path, base: str) -> dict[str, str]:
    world = World()
    world.status_prefixes = (f"{base}/",)
    made = {
        name: world.issue(base=base, status_index=94567 + place, uuid=UUID(int=place + 1))
        for place, name in enumerate(STATES)
    }
    for name, state in STATES.items():
        world.set_state(made[name], state)
    files = world.publish()
    for name, state in STATES.items():
        if state is not State.VALID:
            files |= world.note_files(made[name], state)
    for path, data in files.items():
        file = folder / "public" / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (folder / "root.note").write_bytes(world.root_note)
    return {name: each.text for name, each in made.items()}


def _words(text: str | None) -> list[str]:
    return "".join((text or "").split()).split("。")


def test_served_page_verifies_and_agrees_with_the_server(
    served: tuple[str, dict[str, str]],
) -> None:
    base, texts = served
    with chromium() as browser:
        for name, text in texts.items():
            context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
            page = context.new_page()
            page.clock.set_fixed_time(NOW)
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(text)
            card = page.locator("article.verdict")
            card.wait_for()
            assert card.get_attribute("data-verdict") == name
            here = _words(card.text_content())
            evidence = [url.removeprefix(base) for url in asked if "/static/" not in url]
            assert evidence[:4] == ["/v", "/trust/latest", "/s/1", "/i/1/92"]
            assert [url[:3] for url in evidence[4:]] == ([] if name == "valid" else ["/n/"])
            # The other language is another page, and the code goes with it unseen by the server.
            page.click("form.language button")
            page.locator("html[lang=en] article.verdict").wait_for()
            assert page.inner_text(".verdict-headline") == HEADLINES[name]
            assert page.url == f"{base}/v"
            page.click("form.language button")
            page.locator("html[lang=zh-CN] article.verdict").wait_for()
            page.goto(f"{base}/verify")
            page.fill("textarea", text)
            page.click('form[action="/verify"] button')
            card.wait_for()
            assert _words(card.text_content()) == here
            context.close()
