"""What a scrape of ``hallmark work`` looks up in the database: queues, ages, workers, troubles."""

import time
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError

from registry.config import Config
from registry.operations.exporter import Gauges
from registry.queries import operations
from registry.records import revision
from registry.records.errors import RevisionError
from registry.records.session import open_engine, reading
from registry.rules.findings import WORKER_SILENT

QUEUES = ("issuing", "prepared", "unreleased", "held", "intakes", "tasks")


def of(config: Config) -> Gauges:
    """A look into the registry's database, made anew at every scrape."""
    engine = open_engine(config.database_url)
    revision.guard(engine)
    maker = reading(engine)

    def look() -> Iterable[GaugeMetricFamily]:
        try:
            with maker() as session:
                waiting = operations.queues(session)
                lists = operations.published_lists(session)
                seen = operations.workers(session)
                troubles = operations.troubles(session)
        except (SQLAlchemyError, RevisionError):
            return (_one("hallmark_database_up", "Whether the database answers.", 0),)
        now = int(time.time())
        alive = sum(each.beat_at > now - WORKER_SILENT for each in seen)
        return (
            _one("hallmark_database_up", "Whether the database answers.", 1),
            _family("hallmark_queue", "What waits, by queue.", "queue",
                    {name: getattr(waiting, name) for name in QUEUES}),
            _family("hallmark_list_age_seconds", "Since a list was published.", "list",
                    {each.path: now - each.published_at for each in lists}),
            _family("hallmark_list_sequence", "Sequence of a list.", "list",
                    {each.path: each.sequence for each in lists}),
            _one("hallmark_workers", "Workers that gave a sign of life lately.", alive),
            _family("hallmark_step_failing", "Failures of a step since it last went well.", "step",
                    {each.step: each.count for each in troubles if each.recovered_at is None}),
        )  # fmt: skip

    return look


def _one(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _family(name: str, about: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=(label,))
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family
