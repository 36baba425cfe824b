"""Who appears in the demonstration: bodies, sites, officers, examiners. All of it is invented.

Site prefixes: 10 is Jiangsu's in the two-digit table of the human-resources ministry (read); 23 for
Sichuan is a sample value, to be replaced by the published one.
"""

from dataclasses import dataclass
from datetime import date

from registry.records.organisations import HostKind

PASSWORD = "hallmark-demo"
"""Of every sample account."""
MARK = "（示例）"
"""Ends the name of every invented organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """A province with its department and implementing body."""

    code: str
    """GB/T 2260."""
    issuer: str
    prefix: str
    """First two digits of its sites' numbers."""
    department: tuple[str, str]
    body: tuple[str, str]
    letter: str | None
    body_code: str | None
    phone: str
    appeal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRole:
    """A site and what it may assess, from 2019 on unless said otherwise."""

    number: str
    serial: str
    province: str
    zh: str
    en: str
    host: HostKind
    scope: tuple[tuple[str, str], ...]
    """Occupation code and its levels, e.g. ``("6-29-01-04", "543")``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminerRole:
    """An examiner with a card."""

    card: str
    name: str
    province: str
    senior: bool
    occupations: tuple[str, ...]


PROVINCES = (
    Province(
        code="32", issuer="js", prefix="10",
        department=("江苏省住房和城乡建设厅" + MARK, "Jiangsu Department of Housing (sample)"),
        body=("江苏省建设行业职业技能鉴定中心" + MARK, "Jiangsu Skills Centre (sample)"),
        letter="S", body_code="0000", phone="000-0000-3200",
        appeal="江苏省住房和城乡建设厅" + MARK,
    ),
    Province(
        code="51", issuer="sc", prefix="23",
        department=("四川省住房和城乡建设厅" + MARK, "Sichuan Department of Housing (sample)"),
        body=("四川省建设岗位培训鉴定中心" + MARK, "Sichuan Construction Training Centre (sample)"),
        letter=None, body_code=None, phone="000-0000-5100",
        appeal="四川省住房和城乡建设厅" + MARK,
    ),
)  # fmt: skip
CENTRE = (
    "住房和城乡建设部执业资格注册中心" + MARK,
    "National Centre for Construction Qualifications (sample)",
)

BRICKLAYER, CONCRETE, STEEL, SCAFFOLD = "6-29-01-01", "6-29-01-03", "6-29-01-04", "6-29-01-05"
WATERPROOF, PIPEFITTER = "6-29-02-08", "6-29-03-04"

SITES = (
    SiteRole(
        number="10012001", serial="320001", province="32",
        zh="南京示例建筑技工学校鉴定站", en="Nanjing Sample Builders' College",
        host=HostKind.COLLEGE, scope=((BRICKLAYER, "5432"), (CONCRETE, "54321")),
    ),
    SiteRole(
        number="10022002", serial="320002", province="32",
        zh="苏州示例建工集团鉴定站", en="Suzhou Sample Construction Group",
        host=HostKind.ENTERPRISE,
        scope=((STEEL, "54321"), (SCAFFOLD, "543"), (CONCRETE, "543"), (WATERPROOF, "543")),
    ),
    SiteRole(
        number="10032003", serial="320003", province="32",
        zh="无锡示例技能培训中心鉴定站", en="Wuxi Sample Training Centre",
        host=HostKind.TRAINING, scope=((STEEL, "543"), (SCAFFOLD, "543")),
    ),
    SiteRole(
        number="23012001", serial="510001", province="51",
        zh="成都示例建设职业学院鉴定站", en="Chengdu Sample College of Construction",
        host=HostKind.COLLEGE, scope=((PIPEFITTER, "543"), (BRICKLAYER, "543")),
    ),
    SiteRole(
        number="23022002", serial="510002", province="51",
        zh="绵阳示例安装公司鉴定站", en="Mianyang Sample Installation Company",
        host=HostKind.ENTERPRISE, scope=((PIPEFITTER, "543"), (WATERPROOF, "54")),
    ),
)  # fmt: skip

_JS, _SC = (BRICKLAYER, CONCRETE, STEEL, SCAFFOLD, WATERPROOF), (PIPEFITTER, BRICKLAYER, WATERPROOF)
EXAMINERS = tuple(
    ExaminerRole(card=card, name=name, province=province, senior=senior, occupations=scope)
    for card, name, province, senior, scope in (
        ("K32240001", "示例考评员甲", "32", False, _JS),
        ("K32240002", "示例考评员乙", "32", False, _JS),
        ("K32240003", "示例考评员丙", "32", False, _JS),
        ("G32240004", "示例考评员丁", "32", True, _JS),
        ("G32240005", "示例考评员戊", "32", True, _JS),
        ("G32240006", "示例考评员己", "32", True, _JS),
        ("K32240007", "示例考评员庚", "32", False, (SCAFFOLD,)),
        ("K51240001", "示例考评员辛", "51", False, _SC),
        ("K51240002", "示例考评员壬", "51", False, _SC),
        ("K51240003", "示例考评员癸", "51", False, _SC),
        ("G51240004", "示例考评员子", "51", True, _SC),
        ("K51240005", "示例考评员丑", "51", False, _SC),
    )
)
OFFICERS = (
    ("admin", "示例管理员", "administrator", None),
    ("js-checker", "示例审核员苏", "provincial_checker", "32"),
    ("js-issuer", "示例签发员苏", "provincial_issuer", "32"),
    ("js-issuer2", "示例签发员苏二", "provincial_issuer", "32"),
    ("sc-checker", "示例审核员川", "provincial_checker", "51"),
    ("sc-issuer", "示例签发员川", "provincial_issuer", "51"),
)
"""Sign-in name, person, role, province."""

BEGINNING = date(2019, 9, 1)
"""From when on designations, accreditations and names hold."""
FILED = date(2021, 1, 1)
"""From when on the first province's body is filed (备案)."""
