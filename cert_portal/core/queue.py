"""The door to Redis and RQ. Work is a row first; its id goes on the queue after the row is committed.

Arguments are ids, serialised as JSON. Redis being away is logged and nothing more: the sweep finds the row later.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from cert_portal.config import current
from cert_portal.core.db import session

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """A piece of background work: where its function lives and on which queue it waits."""

    function: str
    queue: str
    meaning: str


PROCESS_REPORT = Job("workers.intake.process_report", "intake", "Read a report, find what it shares, acknowledge it")
SEND_LETTER = Job("workers.mail.send_letter", "mail", "Sign, encrypt and send one letter")
REMIND_REPORTER = Job("workers.intake.remind_reporter", "mail", "Remind who lost the number or the secret of a report")
READ_FAX = Job("workers.intake.read_fax", "default", "Make pictures of the pages of a fax and propose what they say")
SEND_TEXT = Job("workers.sms.send_text", "mail", "Give one text message to the gateway")
TAKE_MESSAGE = Job("workers.mail.take_message", "intake", "Read a message that waits in the spool")
FETCH_MAIL = Job("workers.mail.fetch_mail", "intake", "Keep what lies in the mailboxes of IMAP_MAILBOXES")
PROVE_BALANCE = Job("workers.intake.prove_balance", "default", "Prove for each mailbox that no message was lost")
LOOK_AGAIN = Job("workers.intake.look_again", "default", "Check signatures anew whose key was not known before")
SEAL_EVENTS = Job("workers.audit.seal_events", "default", "Chain new events; sign the head of the chain once a day")
EXPIRE_DRAFTS = Job("workers.intake.expire_drafts", "default", "Remove drafts that were not sent within 14 days")
REMIND_PARTIES = Job(
    "workers.coordination.remind_parties", "default", "Remind parties that did not answer a referral in time"
)
TELL_PEOPLE = Job("workers.team.tell_people", "default", "Tell people of the desk what concerns them, by their choice")
LEAVE_LETTERS = Job("workers.letters.leave_letters", "mail", "Send letters that were dated for later, or stop them")
SWEEP = Job("workers.sweep.sweep", "default", "Take up what was left unfinished")
PUBLISH_ADVISORY = Job("workers.publishing.publish_advisory", "publication", "Sign and publish an approved version")
ISSUE_DIGEST = Job("workers.publishing.issue_digest", "publication", "Compose and sign the digests that are due")
SEND_MAILING = Job("workers.subscriptions.send_mailing", "bulk", "Send one signed text to its subscribers, in turns")
READ_SOURCES = Job("workers.monitoring.read_sources", "default", "Find the watched sources that are due")
READ_SOURCE = Job("workers.monitoring.read_source", "default", "Read one watched source")
ASK_REGISTRY = Job("workers.directory.ask_registry", "default", "Ask a registry about an address or a domain (RDAP)")

JOBS = (
    *(PROCESS_REPORT, SEND_LETTER, TAKE_MESSAGE, SEAL_EVENTS, EXPIRE_DRAFTS, REMIND_PARTIES, SWEEP),
    *(FETCH_MAIL, LOOK_AGAIN, PROVE_BALANCE, PUBLISH_ADVISORY, ISSUE_DIGEST, SEND_MAILING, READ_SOURCES, READ_SOURCE),
    *(SEND_TEXT, REMIND_REPORTER, READ_FAX, TELL_PEOPLE, LEAVE_LETTERS, ASK_REGISTRY),
)
QUEUES = ("intake", "mail", "default", "bulk", "publication")
"""In the order in which a worker empties them. Only a worker of `publication` needs the publication key."""
COMMON_QUEUES = QUEUES[:-1]


def after_commit(job: Job, *ids: int | str) -> None:
    """Put the job on its queue once the transaction that holds its row is committed."""
    session.info.setdefault("jobs", []).append((job, ids))


def push(waiting: list[tuple[Job, tuple[int | str, ...]]]) -> None:
    """Put jobs on their queues now."""
    try:
        with connect(current().redis).pipeline() as together:
            for job, ids in waiting:
                queue = Queue(job.queue, connection=connect(current().redis), serializer=JSONSerializer)
                queue.enqueue(job.function, *ids, meta=_context(), result_ttl=0, pipeline=together)
            together.execute()
    except (RedisError, OSError) as error:
        log.warning("queue_away", jobs=len(waiting), error=type(error).__name__)


@cache
def connect(address: str, patience: float | None = 2) -> Redis:
    """The connection of this process to Redis; waits `patience` seconds for an answer (a worker waits for ever)."""
    return Redis.from_url(address, socket_connect_timeout=2, socket_timeout=patience)


def is_up() -> bool:
    """Whether Redis answers."""
    try:
        return bool(connect(current().redis).ping())
    except (RedisError, OSError):
        return False


def lengths() -> dict[str, int]:
    """How many jobs wait, by queue. Raises RedisError when Redis is away."""
    redis = connect(current().redis)
    return {name: Queue(name, connection=redis, serializer=JSONSerializer).count for name in QUEUES}


def worker(names: list[str]) -> SimpleWorker:
    """A worker for these queues. It runs jobs in its own process: a fork per job would cost more than most jobs."""
    redis = connect(current().redis, None)
    queues = [Queue(name, connection=redis, serializer=JSONSerializer) for name in names]
    return SimpleWorker(queues, connection=redis, serializer=JSONSerializer)


def _context() -> dict[str, Any]:
    bound = structlog.contextvars.get_contextvars()
    return {"request_id": bound.get("request_id", "")}


def listen() -> None:
    """Hook the queue to the session: called once when the application is made."""
    if not event.contains(session.session_factory, "after_commit", _committed):
        event.listen(session.session_factory, "after_commit", _committed)
        event.listen(session.session_factory, "after_rollback", _rolled_back)


def _committed(done: Session) -> None:
    if not done.in_nested_transaction():
        push(done.info.pop("jobs", []))


def _rolled_back(undone: Session) -> None:
    if not undone.in_nested_transaction():
        undone.info.pop("jobs", None)


def work(names: list[str]) -> None:
    """Work until told to stop, whatever happens to Redis meanwhile."""
    while True:
        try:
            stopped = worker(names).work(logging_level="WARNING")
        except (RedisError, OSError) as error:
            log.warning("queue_away", error=type(error).__name__)
            time.sleep(1)
        else:
            log.info("worker_stopped", worked=stopped)
            return
