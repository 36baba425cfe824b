"""Invented certificates, all different, and the public tree that knows them."""

from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from uuid import UUID

from keys import cose
from schemas import dates
from tests.world import SIGNED, Issued, World, pair
from verifier.evidence import Evidence
from verifier.sources import MappingSource
from verifier.trust import Trust

COUNT = 500
_OCCUPATIONS = (("6-29-01-04", "钢筋工"), ("6-29-01-03", "混凝土工"), ("6-29-02-06", "管道工"))
_CHARACTERS = "安柏晨岱恩帆冠翰佳楷朗明宁沛清然书桐文轩雅泽"


class Samples:
    """So many valid certificates of sixty sites, three occupations and five levels."""

    def __init__(self, at: int, count: int = COUNT) -> None:
        self.at = at
        self.world = World()
        self.world.trust_issued = at - 86_400
        self.issued = [_issued(self.world, number) for number in range(count)]

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The public tree by path, published an hour before the instant asked about."""
        return self.world.publish(self.at - 3600)

    def write(self, folder: Path) -> None:
        """Write ``public/`` and ``root.note`` as a registry's folder has them."""
        for path, data in self.files.items():
            place = folder / "public" / path.removeprefix("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        (folder / "root.note").write_bytes(self.world.root_note)

    @cached_property
    def trust(self) -> Trust:
        """The opened anchor."""
        return Trust.load(self.world.root_note, MappingSource(self.files))

    def evidence(self) -> Evidence:
        """Lists and tiles from memory; warm after each was asked for once."""
        return Evidence(MappingSource(self.files), self.trust)

    @property
    def texts(self) -> list[str]:
        """Texts of the QR symbols."""
        return [each.text for each in self.issued]

    @property
    def signed(self) -> list[bytes]:
        """What libsodium opens for each QR: signature, then signed bytes."""
        parsed = [cose.parse(each.cose) for each in self.issued]
        return [each.signature + each.to_be_signed for each in parsed]

    @property
    def public(self) -> bytes:
        """Key of every signature."""
        return pair("issuer").public.raw


def _issued(world: World, number: int) -> Issued:
    code, name = _OCCUPATIONS[number % 3]
    first, second = divmod(number, len(_CHARACTERS))
    day = dates.shanghai_day(SIGNED) - timedelta(days=number % 14)
    return world.issue(
        uuid=UUID(int=number * 0x9E3779B97F4A7C15 + 1, version=4),
        number=f"Y000036999966263{number:06d}",
        name=f"张{_CHARACTERS[first % len(_CHARACTERS)]}{_CHARACTERS[second]}",
        last4=f"{number:04d}", occupation=code, occupation_name=name, level=str(number % 5 + 1),
        site=f"36{number % 60:06d}", assessed=date(2026, 11, 1), awarded=day,
        status_index=number * 251 % 131_072,
    )  # fmt: skip
