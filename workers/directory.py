"""Jobs of the directory. Nothing is held while a registry answers."""

from __future__ import annotations

from cert_portal.core import rdap
from cert_portal.core.db import session
from cert_portal.core.feeds import FeedRefused, Reader
from cert_portal.directory import registry
from workers.job import job


@job
def ask_registry(answer_id: int) -> None:
    """Claim, commit, find who answers for it, ask, keep what was said."""
    asked = registry.claim(answer_id)
    session.commit()
    if asked is None:
        return
    services = asked.services
    try:
        if services is None:
            services = rdap.services(Reader(accept=rdap.ACCEPT).fetch(asked.bootstrap).body or b"")
            registry.keep_services(asked.space, services)
            session.commit()
        facts = rdap.ask(asked.kind, asked.value, services)
    except FeedRefused as error:
        registry.failed(answer_id, error.reason)
        return
    registry.answered(answer_id, facts)
