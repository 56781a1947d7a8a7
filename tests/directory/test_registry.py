"""What registries said is kept, asked again in time, and leads to the registrar in the directory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from cert_portal import config
from cert_portal.config import Settings, SettingsError
from cert_portal.core import clock, feeds
from cert_portal.core.db import session
from cert_portal.core.queue import Job
from cert_portal.directory import registry
from cert_portal.directory.registry import RegistryRefused
from tests.core.test_feeds import Server, answering
from tests.core.test_rdap import DOMAIN
from tests.directory.parties import contact, party
from workers.directory import ask_registry
from workers.sweep import sweep


@pytest.fixture
def server(context: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A table of registries and a registry on this machine, both allowed."""
    found = Server({})
    table = {"services": [[["hk"], [found.base]]]}
    found.rules |= {
        "/dns.json": answering(200, json.dumps(table).encode()),
        "/ipv4.json": answering(404),
        "/domain/bad.hk": answering(200, json.dumps(DOMAIN).encode()),
        "/domain/gone.hk": answering(404),
    }
    monkeypatch.setattr(feeds, "is_public", lambda address: address == "127.0.0.1")
    config.use(replace(config.current(), rdap_bootstrap=found.base))
    yield found
    found.server.shutdown()
    found.server.server_close()


def asked(kind: str, value: str) -> registry.RegistryAnswer:
    """Ask and let the job run."""
    row = registry.ask(kind, value)
    number = row.id
    session.commit()
    ask_registry(number)
    return session.get_one(registry.RegistryAnswer, number)


def test_nothing_is_asked_while_it_is_off(context: Flask) -> None:
    with pytest.raises(RegistryRefused, match="off"):
        registry.ask("domain", "bad.hk")
    assert registry.unfinished() == []


@pytest.mark.parametrize(
    ("kind", "value", "about"),
    [
        ("url", "https://www.bad.hk:8080/x", ("domain", "www.bad.hk")),
        ("url", "https://203.0.113.7/x", ("ip", "203.0.113.7")),
        ("email", "a@bad.hk", ("domain", "bad.hk")),
        ("asn", "AS4760", ("asn", "4760")),
        ("hash", "0" * 32, None),
        ("domain", "localhost", None),
        ("url", "http://[::1", None),
    ],
)
def test_a_registry_is_asked_about_the_host(kind: str, value: str, about: tuple[str, str] | None) -> None:
    assert registry.subject(kind, value) == about


def test_an_answer_is_kept_and_the_table_is_fetched_once(server: Server) -> None:
    row = asked("domain", "bad.hk")
    assert (row.state, row.facts["registrar"]) == ("done", "Peak Domains")
    count = len(server.asked)
    assert asked("email", "x@bad.hk").id == row.id
    assert len(server.asked) == count
    number = row.id
    session.commit()
    ask_registry(number)
    assert len(server.asked) == count
    with clock.turned_to(clock.now() + timedelta(days=8)):
        assert asked("domain", "bad.hk").state == "done"
        assert len(server.asked) == count + 2, "the table is a day old at most"
    gone = asked("domain", "gone.hk")
    assert (gone.state, gone.trouble) == ("failed", "not_found")
    with clock.turned_to(clock.now() + timedelta(minutes=6)):
        assert registry.ask("domain", "gone.hk").state == "waiting"


def test_what_cannot_be_asked_says_why(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "is_public", lambda address: address != "192.168.1.1")
    for kind, value, reason in (("ip", "192.168.1.1", "not_public"), ("hash", "0" * 32, "no_question")):
        with pytest.raises(RegistryRefused, match=reason):
            registry.ask(kind, value)
    assert asked("ip", "203.0.113.7").trouble == "status_404"
    assert registry.registrar_of("ip", "203.0.113.7") is None


def test_a_question_that_was_left_behind_is_taken_up_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    row = registry.ask("domain", "bad.hk")
    session.commit()
    assert registry.ask("domain", "bad.hk").id == row.id
    assert registry.unfinished() == []
    pushed: list[tuple[Job, tuple[int, ...]]] = []
    monkeypatch.setattr("cert_portal.core.queue.push", pushed.extend)
    with clock.turned_to(clock.now() + timedelta(minutes=5)):
        number = row.id
        assert registry.unfinished() == [number]
        session.commit()
        sweep()
        assert registry.claim(number)
        assert registry.claim(number) is None
    assert [ids for job, ids in pushed if job.function.endswith("ask_registry")] == [(number,)]
    assert registry.claim(10**9) is None


def test_the_registrar_is_looked_for_in_the_directory(server: Server) -> None:
    hkirc = party(kind="registry", name_en="The registry", domains=["hk"], prefixes=[], asns=[])
    contact(hkirc)
    found = registry.registrar_of("url", "https://bad.hk/")
    assert found
    assert (found.how, found.organisation) == ("directory", hkirc)
    assert found.contact
    assert registry.registrar_of("domain", "bad.example") is None
    asked("domain", "bad.hk")
    said = registry.registrar_of("domain", "bad.hk")
    assert said
    assert (said.name, said.how, said.organisation) == ("Peak Domains", "rdap", None)
    peak = party(kind="registrar", name_en="Peak", domains=["peak.example"], prefixes=[], asns=[])
    again = registry.registrar_of("domain", "bad.hk")
    assert again
    assert again.organisation == peak


def test_the_address_of_the_table_is_a_web_address(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="RDAP_BOOTSTRAP"):
        replace(settings, rdap_bootstrap="data.iana.org")
