"""``hallmark demo``: found, tell the story, publish, write papers, print what to open, serve."""

import argparse
import shutil
import socket
import sys
import time
from pathlib import Path

from registry.config import Config
from registry.custody import store
from registry.demo import cast, founding, outputs, running, sheet, showcase, staging
from registry.demo.founding import Founded
from registry.demo.showcase import Card, Forgers
from registry.demo.story import Present, Story
from registry.documents import qr as symbols
from registry.records.session import open_engine, writing
from registry.work import identities, loop, open, publish
from schemas import dates
from schemas.certificate import Instant

MARK = ".hallmark-demo"
"""Only a folder with this file in it is ever emptied."""


def demo(argv: list[str]) -> int:
    """Build a whole sample registry in a fresh folder and serve it."""
    parser = argparse.ArgumentParser(prog="hallmark demo", description=demo.__doc__)
    parser.add_argument("--dir", type=Path, default=Path("var/demo"))
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--lan", action="store_true", help="let a phone in the room open it")
    parser.add_argument("--no-serve", action="store_true", help="build and stop")
    arguments = parser.parse_args(argv)
    host = _address() if arguments.lan else "127.0.0.1"
    base = f"http://{host}:{arguments.port}"
    try:
        _empty(arguments.dir)
    except FileExistsError as error:
        print(f"hallmark: {error}", file=sys.stderr)
        return 1
    start = time.monotonic()
    config, cards = build(arguments.dir, base, int(time.time()))
    print(_told(config, cards, time.monotonic() - start))
    if arguments.no_serve:
        return 0
    return running.serve(config, "0.0.0.0" if arguments.lan else "127.0.0.1", arguments.port)


def build(directory: Path, base: str, now: Instant) -> tuple[Config, list[Card]]:
    """Build everything but the serving; ``directory`` must be empty."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARK).touch()
    config = founding.folder(directory, base, now)
    stolen = founding.lose_a_key(config, now)
    personal = store.open_personal(config)
    beginning = dates.day_start(cast.BEGINNING)
    with writing(open_engine(config.database_url)).begin() as session:
        founded = founding.found(session, config, personal, beginning)
    story = _tell(founded, config, now)
    listed = _publish(story, now)
    made = Forgers(
        issuer=story.context.signers["issuer.js.1"],
        other=story.context.signers["issuer.sc.1"],
        stolen=stolen,
    )
    cards = showcase.cards(listed, made, config)
    sheet.write(config, cards)
    return config, cards


def _tell(founded: Founded, config: Config, now: Instant) -> Story:
    present = Present(now)
    story = Story(founded, open.context(config, present), present)
    staging.play(story, dates.shanghai_day(now))
    return story


def _publish(story: Story, now: Instant) -> list[outputs.Entry]:
    story.moment = now
    loop.run_until_idle(story.context, (publish.step, identities.step))
    officers = [actor for name, actor in story.founded.actors.items() if name.endswith("-issuer")]
    with story.context.reading() as session:
        listed = outputs.entries(session, officers, list(story.batches.values()), now)
        outputs.write(session, story.founded.config, listed)
    return listed


def _told(config: Config, cards: list[Card], seconds: float) -> str:
    valid = next(card for card in cards if card.name == "valid")
    lines = [
        f"Built in {seconds:.0f} s: {config.folder}",
        "",
        f"  open         {config.base}/",
        f"  console      {config.base}/console   (password of every account: {cast.PASSWORD})",
        *(f"               {name:<14} {role}" for name, _, role, _ in cast.OFFICERS),
        *(f"               site-{each.number:<9} site_registrar" for each in cast.SITES),
        f"               {cast.EXAMINERS[0].card.lower():<14} examiner (and others)",
        f"  verdicts     {config.folder / 'verdicts.pdf'}   (print it, or scan it from the screen)",
        f"  certificates {config.folder / 'certificates'}",
        f"  verify       hallmark verify --root {config.root_note} --evidence {config.public} FILE",
        "",
        "A valid certificate, for a phone:",
        "",
        symbols.terminal(valid.text),
    ]
    return "\n".join(lines)


def _empty(directory: Path) -> None:
    if directory.exists():
        if any(directory.iterdir()) and not (directory / MARK).exists():
            raise FileExistsError(f"{directory} holds something else; choose another --dir")
        shutil.rmtree(directory)


def _address() -> str:
    """This machine's address in its local network; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
