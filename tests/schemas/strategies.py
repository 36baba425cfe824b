"""Random facts of a certificate, all of which may be signed."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from schemas.certificate import Facts, Kind
from schemas.facts import MAX_STATUS_INDEX, MAX_STATUS_LIST, MAX_VERSION

DAYS = st.dates(date(1970, 1, 1), date(2199, 12, 31))
NAMES = st.one_of(
    st.sampled_from(["样本", "买买提·吐尔逊", "㛃䶮𡋤", "O'Neill-样 本", "Ümit Öz"]),
    st.text("欧阳娜娜样本甲乙丙㛃䶮𡋤·Aé'-", min_size=1, max_size=60),
)
CODES = st.from_regex(r"[A-Z][0-9A-Z]{0,7}(?:-[0-9A-Z]{1,6})?", fullmatch=True)
LEVELS = st.one_of(st.sampled_from("12345"), st.sampled_from(["T", "S", "X", "0", "6", "01"]))
OCCUPATIONS = st.one_of(
    st.from_regex(r"[0-9]-[0-9]{2}-[0-9]{2}-[0-9]{2}", fullmatch=True).filter(str.isascii), CODES
)


@st.composite
def facts(draw: Any) -> Facts:
    """Any facts that :func:`schemas.facts.check` lets pass."""
    awarded = draw(DAYS.filter(lambda day: day < date(2190, 1, 1)))
    later = st.integers(1, 3000).map(lambda days: awarded + timedelta(days))
    start = draw(st.none() | later)
    first = start or awarded
    last = st.integers(0, 600).map(lambda days: first + timedelta(days))
    digits = st.text("0123456789", min_size=1, max_size=1)
    return Facts(
        base=draw(st.sampled_from(["https://certs.example.gov.cn", "http://127.0.0.1:8000"])),
        uuid=draw(st.uuids()),
        issuer=draw(st.from_regex(r"[a-z0-9](?:[a-z0-9.-]{0,30}[a-z0-9])?", fullmatch=True)),
        number=draw(st.from_regex(r"[0-9A-Z][0-9A-Z-]{2,38}[0-9A-Z]", fullmatch=True)),
        version=draw(st.sampled_from([1, 2, 23, 24, 255, 256, MAX_VERSION])),
        kind=draw(st.sampled_from(Kind)),
        name=draw(NAMES),
        last4=draw(st.from_regex(r"[0-9A-Z]{4}", fullmatch=True)),
        occupation=draw(OCCUPATIONS),
        occupation_name=draw(st.none() | st.sampled_from(["钢筋工", "焊工（气焊）", "A1 级"])),
        level=draw(LEVELS),
        work_type=draw(st.none() | st.sampled_from(["000", "020", "023", "024", "255", "901"])),
        site=draw(st.one_of(st.from_regex(r"[0-9]{8}", fullmatch=True), CODES, digits)),
        assessed=draw(DAYS),
        awarded=awarded,
        valid_from=start,
        valid_until=draw(st.none() | last),
        signed_at=draw(st.sampled_from([0, 23, 24, 65536, 1795320000, 4294967296])),
        status_list=draw(st.sampled_from([0, 1, 42, MAX_STATUS_LIST])),
        status_index=draw(
            st.sampled_from([0, 23, 24, 255, 256, 65535, 65536, 131071, MAX_STATUS_INDEX])
        ),
    )
