"""``python -m tests.benchmarks.large.partitions``: forms and log rows whole, and divided by year.

The same rows in plain tables and in tables partitioned by the year of issue, five years of them,
one after the other on a throw-away server: what inserting, looking up, vacuuming and forgetting a
year cost. Rows hold hashes of full size and no documents, because indexes are what partitions cut.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from tests import postgresql
from tests.benchmarks.large.registries import LOADING, told

YEARS = (2022, 2023, 2024, 2025, 2026)
ASKED, MORE, CHUNK = 2_000, 20_000, 500
_FORMS = "certificate_id bigint, year int, cose bytea, cose_hash bytea, jcs_hash bytea"
_LOG = "id bigint, year int, commitment bytea, place bigint, certificate_id bigint"
_INDEXES = {
    "forms": ("certificate_id", "cose_hash", "jcs_hash"),
    "log_entries": ("id", "commitment", "place", "certificate_id"),
}
_ROW = {
    "forms": "i, {year}, repeat('c', 280)::bytea, sha256(('c' || i)::bytea),"
             " sha256(('j' || i)::bytea)",
    "log_entries": "i, {year}, sha256(('l' || i)::bytea), i, i",
}  # fmt: skip


def main() -> int:
    """Measure both ways and print one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.large.partitions")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--dir", type=Path, help="where there is room (default: /tmp)")
    arguments = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(dir=arguments.dir, prefix="hallmark-years-") as name:
        Path(name).chmod(0o755)
        with postgresql.running(Path(name, "server"), LOADING) as server:
            for way in ("whole", "by year"):
                told(way)
                url = server.url().replace("+psycopg", "")
                with psycopg.connect(url, autocommit=True) as connection:
                    found[way] = dict(_measured(connection, way == "by year", arguments.rows))
    print(f"| {arguments.rows:,} rows each of forms and log_entries | whole | by year |")
    print("|---|---:|---:|")
    for what, value in found["whole"].items():
        print(f"| {what} | {value:,.3f} | {found['by year'][what]:,.3f} |")
    return 0


def _measured(
    connection: psycopg.Connection, is_divided: bool, count: int
) -> Iterator[tuple[str, float]]:
    for table, columns in (("forms", _FORMS), ("log_entries", _LOG)):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        _make(connection, table, columns, is_divided)
        _fill(connection, table, count)
        for column in _INDEXES[table]:
            # Across years nothing is unique any more: the year has to be a part of every key.
            key = f"{column}, year" if is_divided else column
            connection.execute(f"CREATE UNIQUE INDEX ON {table} ({key})")
        connection.execute(f"VACUUM (ANALYZE) {table}")
        told(f"{table}: filled")
        yield f"{table}: indexes, GB", _index_size(connection, table)
        yield f"{table}: insert, ms per {CHUNK}", _insert(connection, table, count)
        for column in _INDEXES[table][:2]:
            yield f"{table}: look-up by {column}, ms", _look_up(connection, table, column, count)
        yield f"{table}: plan of it, ms", _plan(connection, table)
        yield f"{table}: vacuum after 20,000 updates of this year, s", _vacuum(connection, table)
        yield f"{table}: forget the oldest year, s", _forget(connection, table, is_divided)


def _make(connection: psycopg.Connection, table: str, columns: str, is_divided: bool) -> None:
    way = " PARTITION BY LIST (year)" if is_divided else ""
    connection.execute(f"CREATE TABLE {table} ({columns}){way}")
    for year in YEARS if is_divided else ():
        connection.execute(
            f"CREATE TABLE {table}_{year} PARTITION OF {table} FOR VALUES IN ({year})"
        )


def _fill(connection: psycopg.Connection, table: str, count: int) -> None:
    each = count // len(YEARS)
    for number, year in enumerate(YEARS):
        row = _ROW[table].format(year=year)
        connection.execute(
            f"INSERT INTO {table} SELECT {row}"
            f" FROM generate_series({number * each + 1}, {(number + 1) * each}) i"
        )


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _index_size(connection: psycopg.Connection, table: str) -> float:
    row = connection.execute(
        "SELECT sum(pg_indexes_size(c.oid)) FROM pg_class c WHERE relkind = 'r' AND"
        " (relname = %s OR relname LIKE %s)",
        (table, f"{table}\\_2%"),
    ).fetchone()
    return float(row[0]) / 1e9 if row else 0.0


def _insert(connection: psycopg.Connection, table: str, count: int) -> float:
    row = _ROW[table].format(year=YEARS[-1])
    times = []
    for start in range(count + 1, count + MORE, CHUNK):
        statement = f"INSERT INTO {table} SELECT {row} FROM generate_series(%s::int, %s::int) i"
        times.append(_timed(lambda: connection.execute(statement, (start, start + CHUNK - 1))))  # noqa: B023
    return 1000 * sorted(times)[len(times) // 2]


def _look_up(connection: psycopg.Connection, table: str, column: str, count: int) -> float:
    """By one who does not know the year, as nobody does who has a number or a page's address."""
    rows = connection.execute(
        f"SELECT {column} FROM {table} WHERE {_INDEXES[table][0]} = ANY(%s)",
        ([1 + number * (count // ASKED) for number in range(ASKED)],),
    ).fetchall()
    statement = f"SELECT * FROM {table} WHERE {column} = %s"
    times = []
    for _ in range(2):  # the first time brings the pages into memory
        times = [_timed(lambda: connection.execute(statement, row).fetchall()) for row in rows]  # noqa: B023
    return 1000 * sorted(times)[len(times) // 2]


def _plan(connection: psycopg.Connection, table: str) -> float:
    """Time of planning alone, as the server tells it."""
    statement = f"EXPLAIN (SUMMARY) SELECT * FROM {table} WHERE {_INDEXES[table][0]} = 77"
    times = []
    for _ in range(25):
        lines = [row[0] for row in connection.execute(statement).fetchall()]
        (planning,) = (line for line in lines if line.startswith("Planning Time"))
        times.append(float(planning.split()[2]))
    return sorted(times)[len(times) // 2]


def _vacuum(connection: psycopg.Connection, table: str) -> float:
    key = _INDEXES[table][0]
    highest = connection.execute(f"SELECT max({key}) FROM {table}").fetchone()
    connection.execute(
        f"UPDATE {table} SET {key} = {key} WHERE {key} > %s AND year = %s",
        ((highest[0] if highest else 0) - 20_000, YEARS[-1]),
    )
    return _timed(lambda: connection.execute(f"VACUUM (INDEX_CLEANUP ON) {table}"))


def _forget(connection: psycopg.Connection, table: str, is_divided: bool) -> float:
    if is_divided:
        return _timed(lambda: connection.execute(f"DROP TABLE {table}_{YEARS[0]}"))

    def delete() -> None:
        connection.execute(f"DELETE FROM {table} WHERE year = %s", (YEARS[0],))
        connection.execute(f"VACUUM (INDEX_CLEANUP ON) {table}")

    return _timed(delete)


if __name__ == "__main__":
    sys.exit(main())
