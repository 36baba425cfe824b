"""Millions of rows like those of the signed sample, made by the server and copied into its tables.

Every generated certificate has its own number, uuid, page, holder, place, value and hashes; its
forms are those of a certificate of the sample with the document left out, and nobody signed them.
Batches hold 200 rows, sites lie in 31 provinces, names are as frequent as surnames are.
"""

import re

import psycopg
from psycopg import sql

from schemas.token_status import LIST_SIZE

PER_BATCH, SITES = 200, 600
FILLED = ("results", "result_examiners", "eligibilities", "certificates", "forms", "status",
          "log_entries")  # fmt: skip
"""Tables with a row or more for every certificate, in the order of their foreign keys."""
_EMPTIED = (*FILLED, "conflicts", "pickup_codes", "corrections", "status_changes")
_PROVINCES = (
    "ARRAY['"
    + "','".join(
        (
            "32 11 12 13 14 15 21 22 23 31 33 34 35 36 37 41 "
            "42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
        ).split()
    )
    + "']"
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
    "云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常"
    "乐于时傅皮卞齐康伍余元卜顾孟平黄"
)
_GIVEN = (
    "安柏晨岱恩帆冠翰佳楷朗明宁沛清然书桐文轩雅泽博超德峰刚海浩宏建健杰军凯坤磊亮林龙"
    "敏鹏平强勤庆荣瑞森山胜涛伟武祥翔鑫雄旭阳义勇宇元云志忠子梓芳芬桂红花慧洁静娟兰丽"
    "莲玲梅娜萍倩琴琼霞秀艳燕英颖玉月珍真"
)
_VALUE = re.compile(
    r'^(.*"last4":")[^"]*(".*?"name":")[^"]*(","number":")[^"]*(".*?"status_index":)\d+'
    r'(,"status_list":)\d+(,"uuid":")[^"]*(".*)$',
    re.DOTALL,
)


def fill(url: str, count: int) -> None:
    """Bring the tables of a founded registry to ``count`` certificates, its sample among them."""
    with (
        psycopg.connect(url.replace("+psycopg", "")) as source,
        psycopg.connect(url.replace("+psycopg", "")) as target,
    ):
        _keep(source)
        source.commit()
        source.autocommit = True  # nothing that it reads may be held against the clean-up
        _parents(target, count)
        indexes = _drop_indexes(target)
        target.commit()
        target.execute("SET session_replication_role = replica")
        # One transaction: a table that was truncated in it is written without a log, and frozen.
        target.execute(f"TRUNCATE {', '.join(_EMPTIED)} CASCADE")
        for table in FILLED:
            _copy(source, target, table, count)
        target.commit()
        target.execute("SET session_replication_role = origin")
        for statement in indexes:
            target.execute(statement)
            target.commit()
        _sequences(target)
        target.commit()
        target.autocommit = True
        target.execute("VACUUM (ANALYZE)")
        target.execute("DROP SCHEMA kept CASCADE")


def _keep(source: psycopg.Connection) -> None:
    """Set the sample's rows aside, and cut its values where generated ones differ."""
    source.execute("CREATE SCHEMA kept")
    for table in FILLED:
        source.execute(f"CREATE TABLE kept.{table} AS SELECT * FROM {table}")
    source.execute(
        "CREATE TABLE kept.parts (n int PRIMARY KEY, p1 text, p2 text, p3 text, p4 text,"
        " p5 text, p6 text, p7 text, cose bytea, level text, occupation_id bigint)"
    )
    rows = source.execute(
        "SELECT c.value, f.cose, c.level, c.occupation_id FROM certificates c"
        " JOIN forms f ON f.certificate_id = c.id ORDER BY c.id"
    ).fetchall()
    with source.cursor().copy("COPY kept.parts FROM STDIN") as copy:
        for number, row in enumerate(rows):
            found = _VALUE.match(row[0])
            if found is None:
                raise AssertionError("a value has another form than it is cut by")
            copy.write_row((number, *found.groups(), *row[1:]))
    source.execute("ANALYZE kept.parts")


def _parents(target: psycopg.Connection, count: int) -> None:
    """Sites, batches, imports and status lists of all generated certificates, real ones' after."""
    signed = _one(target, "SELECT count(*) FROM certificates")
    total = -(-(count - signed) // PER_BATCH)
    lists = -(-(count - signed) // LIST_SIZE)
    target.execute(f"""
        INSERT INTO sites SELECT 100 + k, p || '01' || '9' || lpad(k::text, 3, '0'),
            lpad((500000 + k)::text, 6, '0'), body_id, p, '示例站' || k, 'Example Site ' || k,
            host_kind, address, phone, recorded_at, closed_at
        FROM generate_series(1, {SITES}) k, LATERAL (SELECT {_province("k")} AS p) q,
            (SELECT * FROM sites ORDER BY id LIMIT 1) s""")
    target.execute(f"""
        INSERT INTO batches SELECT 100 + b, '25' || {_province(_site("b"))} ||
            lpad(b::text, 10, '0'), 100 + {_site("b")}, {_province(_site("b"))}, state, version,
            digest, awarded, opened_by, opened_at, changed_at
        FROM generate_series(1, {total}) b, (SELECT * FROM batches ORDER BY id LIMIT 1) s""")
    target.execute(f"""
        INSERT INTO imports SELECT 100 + b, 100 + b, file_name, file_hash, imported_by,
            imported_at, {PER_BATCH}, 0, 0, 0, problems
        FROM generate_series(1, {total}) b, (SELECT * FROM imports ORDER BY id LIMIT 1) s""")
    target.execute(f"""
        INSERT INTO status_lists SELECT 1 + l, size, size, permutation_key, opened_at
        FROM generate_series(1, {lists}) l, (SELECT * FROM status_lists WHERE number = 1) s""")
    target.execute("UPDATE status_lists SET taken = size")


def _copy(
    source: psycopg.Connection, target: psycopg.Connection, table: str, count: int
) -> None:  # fmt: skip
    """The sample's rows, then generated ones up to ``count``, through this process."""
    signed = _one(source, "SELECT count(*) FROM kept.certificates")
    made = f"{_select(source, table)} {_FROM}".format(first=signed + 1, last=count, signed=signed)
    made = f"SELECT * FROM kept.{table} UNION ALL {made}"
    made += _UUID if table == "certificates" else ""
    with (
        source.cursor().copy(f"COPY ({made}) TO STDOUT (FORMAT binary)") as out,
        target.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary, FREEZE)") as into,
    ):
        for block in out:
            into.write(block)


def _select(source: psycopg.Connection, table: str) -> str:
    """One expression for every column, of the type of the column."""
    columns = source.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (table,),
    ).fetchall()
    made = _COLUMNS[table]
    if unknown := made.keys() - {name for name, _ in columns}:
        raise AssertionError(f"{table} has no {unknown}")
    return "SELECT " + ", ".join(f"({made.get(name, 'NULL')})::{kind}" for name, kind in columns)


def _drop_indexes(target: psycopg.Connection) -> list[str]:
    """Drop every index but primary keys; answers the statements that make them again."""
    back: list[str] = []
    rows = target.execute(
        "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, c.conname,"
        " pg_get_constraintdef(c.oid), pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'"
        " WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary ORDER BY 1, 2",
        (list(FILLED),),
    ).fetchall()
    for table, index, constraint, as_constraint, as_index in rows:
        if constraint is None:
            target.execute(f"DROP INDEX {index}")
            back.append(as_index)
        else:
            target.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
            back.append(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {as_constraint}")
    return back


def _sequences(target: psycopg.Connection) -> None:
    for table in ("sites", "batches", "imports", "results", "eligibilities", "certificates",
                  "log_entries"):  # fmt: skip
        target.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        )


def _one(connection: psycopg.Connection, statement: str) -> int:
    row = connection.execute(sql.SQL(statement)).fetchone()  # type: ignore[arg-type]
    return int(row[0]) if row else 0


def _province(site: str) -> str:
    return f"({_PROVINCES})[1 + ({site}) % 31]"


def _site(batch: str) -> str:
    return f"(1 + ({batch}) % {SITES})"


def _characters(text: str) -> str:
    return "ARRAY[" + ",".join(f"'{each}'" for each in text) + "]"


_FROM = f"""
FROM generate_series({{first}}, {{last}}) i
    JOIN kept.parts p ON p.n = i % {{signed}},
    (SELECT * FROM kept.results LIMIT 1) s,
    LATERAL (SELECT 1 + (i - {{first}}) / {PER_BATCH} AS b, abs(hashint8(i)::bigint) AS h,
             (i - {{first}}) / {LIST_SIZE} + 2 AS list,
             ((i - {{first}}) * 40503::bigint % {LIST_SIZE})::int AS place) q,
    LATERAL (SELECT {_site("b")} AS k, lpad((h % 9973)::text, 4, '0') AS last4,
             ({_characters(_SURNAMES)})
                 [1 + ({len(_SURNAMES)} * ((h % 9973) / 9973.0::float8) ^ 2)::int
                  % {len(_SURNAMES)}]
             || ({_characters(_GIVEN)})[1 + (h / 9973 % {len(_GIVEN)})::int]
             || CASE WHEN h % 5 = 0 THEN '' ELSE
                 ({_characters(_GIVEN)})[1 + (h / 89 % {len(_GIVEN)})::int] END AS name) r
"""
_UUID = ", LATERAL (SELECT gen_random_uuid()::text AS u WHERE i > 0) u"
"""Refers to the row, so that each row has its own."""
_ORGANISATION = f"'S0000' || {_province('k')} || lpad((500000 + k)::text, 6, '0')"
_SERIAL = f"1 + (b - 1) / {SITES} * {PER_BATCH} + (i - {{first}}) % {PER_BATCH}"
_NUMBER = f"{_ORGANISATION} || '25' || p.level || lpad(({_SERIAL})::text, 6, '0')"
_VALUE_TEXT = (
    "concat(p.p1, r.last4, p.p2, r.name, p.p3, {number}, p.p4, place, p.p5, list, p.p6, u, p.p7)"
)
_COLUMNS: dict[str, dict[str, str]] = {
    "results": {
        "id": "i", "uid": "md5('r' || i)", "batch_id": "100 + b", "import_id": "100 + b",
        "source_row": f"i % {PER_BATCH} + 2", "name": "r.name", "id_kind": "s.id_kind",
        "id_sealed": "s.id_sealed", "id_key": "s.id_key",
        "id_lookup": "sha256(('h' || i)::bytea)", "id_lookup_key": "s.id_lookup_key",
        "last4": "r.last4", "occupation_id": "p.occupation_id", "level": "p.level",
        "work_type": "s.work_type", "assessed": "s.assessed", "theory": "s.theory",
        "practice": "s.practice", "recorded_at": "s.recorded_at",
    },
    "result_examiners": {
        "result_id": "i", "part": "'practice'", "examiner_id": "1 + i % 3", "place": "1"
    },
    "eligibilities": {
        "id": "i", "result_id": "i", "batch_id": "100 + b", "version": "2",
        "outcome": "'granted'", "kind": "2", "grounds": """'[{{"code": "passed"}}]'""",
        "policy": "'example'", "decided_at": "1795406400",
    },
    "certificates": {
        "id": "i", "batch_id": "100 + b", "result_id": "i", "eligibility_id": "i",
        "number": _NUMBER, "version": "1", "scheme": "'level-22'", "period": "'25'",
        "organisation": _ORGANISATION, "level": "p.level", "serial": _SERIAL,
        "state": "'issued'", "uuid": "u",
        "public_id": "rtrim(translate(encode(uuid_send(gen_random_uuid()), 'base64'),"
                     " '+/', '-_'), '=')",
        "status_list": "list", "status_index": "place", "kind": "2", "issuer": "'jst-example'",
        "key_name": "'issuer.jst-example.1'", "signed_at": "1795406460", "policy": "'example'",
        "value": _VALUE_TEXT.replace("{number}", _NUMBER), "site_id": "100 + k",
        "occupation_id": "p.occupation_id", "province": _province("k"), "holder_name": "r.name",
        "holder_lookup": "sha256(('h' || i)::bytea)", "holder_lookup_key": "s.id_lookup_key",
        "last4": "r.last4", "id_kind": "s.id_kind", "assessed": "DATE '2025-11-20'",
        "awarded": "DATE '2025-11-23'", "prepared_at": "1795406460", "issued_at": "1795406460",
        "released_at": "1795406500",
    },
    "forms": {
        "certificate_id": "i", "cose": "p.cose", "document": "'{{}}'",
        "cose_hash": "sha256(('c' || i)::bytea)", "jcs_hash": "sha256(('j' || i)::bytea)",
    },
    "status": {
        "list": "list", "index": "place", "state": "0",
        "cose8": "substr(sha256(('c' || i)::bytea), 1, 8)",
        "jcs8": "substr(sha256(('j' || i)::bytea), 1, 8)", "certificate_id": "i",
    },
    "log_entries": {
        "id": "i", "version": "1", "kind": "1", "commitment": "sha256(('l' || i)::bytea)",
        "certificate_id": "i", "queued_at": "1795406460",
    },
}  # fmt: skip
"""Expressions by column; a column that is not named here is NULL."""
