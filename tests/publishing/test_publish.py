"""Signed and public, all at once, exactly what was approved; killed anywhere, done again whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from flask import Flask

from cert_portal import config
from cert_portal.core import clock, crypto
from cert_portal.core.crypto import CryptoError, Keyring
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.mail import bulk
from cert_portal.directory.models import User
from cert_portal.publishing import csaf, feeds, publish, shown, tree, verify
from cert_portal.publishing.content import Content
from cert_portal.publishing.models import AdvisoryState, AdvisoryVersion
from cert_portal.subscriptions.models import Mailing
from tests.cases.desk import NOW
from tests.publishing.press import FULL, PLAIN, approved, published, run, updated
from workers.publishing import publish_advisory
from workers.sweep import sweep

JSON = "csaf/white/2026/cp-a-2026-0001.json"
TEXT = "advisories/CP-A-2026-0001.zh-hant.txt.asc"


def files() -> dict[str, bytes]:
    """The record as it stands."""
    root = tree.place()
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def key_file(folder: Path) -> Path:
    """The public key as a stranger has it."""
    path = folder / "key.asc"
    path.write_text(crypto.publication().export(), "ascii")
    return path


@pytest.fixture
def check_outside(tmp_path: Path) -> Iterator[Callable[[Path, Path | None], list[bool]]]:
    """What gpg and sqv say, with nothing but the public key: signed file, or file and signature."""
    home = Path("/tmp") / f"g{tmp_path.name[-8:]}"

    def run_both(path: Path, signature: Path | None = None) -> list[bool]:
        home.mkdir(mode=0o700, exist_ok=True)
        key = key_file(tmp_path)
        gpg = ["gpg", "--homedir", str(home), "--batch", "-q"]
        subprocess.run([*gpg, "--import", str(key)], check=True, capture_output=True)
        told = [str(signature), str(path)] if signature else [str(path)]
        by_gpg = subprocess.run([*gpg, "--verify", *told], check=False, capture_output=True).returncode == 0
        if signature is None:
            return [by_gpg]
        by_sqv = subprocess.run(["sqv", "--keyring", str(key), *told], check=False, capture_output=True)
        return [by_gpg, by_sqv.returncode == 0]

    yield run_both
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


def test_everything_is_there_and_genuine_outside_the_portal(
    eva: User, fred: User, check_outside: Any, tmp_path: Path
) -> None:
    with clock.turned_to(NOW):
        published(eva, fred)
    found = files()
    assert {JSON, f"{JSON}.asc", f"{JSON}.sha256", f"{JSON}.sha512", TEXT, f"csaf/white/{feeds.ROLIE_NAME}"} <= set(
        found
    )
    for name in (JSON, JSON.replace("0001", "0001-zh-hant")):
        assert check_outside(tree.place() / name, tree.place() / f"{name}.asc") == [True, True]
    assert check_outside(tree.place() / TEXT, None) == [True]
    text = found[TEXT].decode()
    assert "㗎" in text
    assert "風險：高度" in text
    assert text.count("TLP:CLEAR") == 1
    spoiled = tmp_path / "spoiled.json"
    spoiled.write_bytes(found[JSON].replace(b"9.8", b"9.7", 1))
    assert check_outside(spoiled, tree.place() / f"{JSON}.asc") == [False, False]
    other = tmp_path / "spoiled.txt.asc"
    other.write_text(text.replace("25 埠", "26 埠"), "utf-8")
    assert check_outside(other, None) == [False]


def validate(folder: Path) -> str:
    """What an independent validator says of every CSAF document; empty when all is well."""
    paths = [str(path) for path in folder.rglob("cp-a-*.json")]
    command = [str(Path(sys.executable).parent / "csaf"), "validate", "--spec-version", "v20", "--preset", "basic"]
    done = subprocess.run([*command, "--no-network", *paths], capture_output=True, text=True, check=False)
    told = [line for line in (done.stdout + done.stderr).splitlines() if "[PASS]" not in line]
    return "" if done.returncode == 0 else "\n".join(told)


def test_documents_are_valid_csaf(eva: User, fred: User) -> None:
    full = published(eva, fred)
    plain = published(eva, fred, PLAIN)
    assert validate(tree.place()) == ""
    updated(full, eva, fred)
    updated(plain, eva, fred, withdrawal=True)
    assert validate(tree.place()) == ""
    told = json.loads(tree.read(JSON))
    assert told["document"]["tracking"]["version"] == "2"
    versions = told["product_tree"]["branches"][0]["branches"][1]["branches"]
    assert [(each["category"], each["name"]) for each in versions] == [("product_version_range", "vers:all/*")]
    assert [each["summary"] for each in told["document"]["tracking"]["revision_history"]] == [
        "First version",
        "The fix is out (en)",
    ]
    gone = json.loads(tree.read("csaf/white/2026/cp-a-2026-0002-zh-hant.json"))
    assert gone["document"]["title"].startswith("撤回")
    assert (gone["document"]["lang"], gone["document"]["source_lang"]) == ("zh-Hant-HK", "en")
    assert list(verify.problems(config.current().published)) == []


def test_states_and_events(eva: User, fred: User) -> None:
    first = published(eva, fred)
    assert (first.state, first.advisory.first_published_at) == (AdvisoryState.PUBLISHED, first.issued_at)
    second = updated(first, eva, fred)
    session.refresh(first)
    assert (first.state, second.state) == (AdvisoryState.SUPERSEDED, AdvisoryState.PUBLISHED)
    third = updated(second, eva, fred, withdrawal=True)
    assert (third.state, third.advisory.withdrawn_at) == (AdvisoryState.WITHDRAWN, third.issued_at)
    told = of_subjects([first.advisory.public_id])
    assert [each.data["change"] for each in told if each.kind == "advisory.published"] == [
        "new",
        "update",
        "withdrawal",
    ]
    assert [each.kind for each in told if each.kind == "advisory.withdrawn"] == ["advisory.withdrawn"]
    assert session.query(Mailing).count() == 6
    page = shown.one(first.advisory.public_id.lower())
    assert page is not None
    assert page.is_withdrawn
    for change, title in (("withdrawal", "Why it is withdrawn"), ("update", "What has changed")):
        document = csaf.document("A", change, page.content, (shown.revision(third),), Language.EN)["document"]
        assert document["notes"][-1]["title"] == title
    assert shown.one("CP-A-2026-0099") is None


@pytest.mark.parametrize("step", ["sign", "put", "finish"])
def test_a_kill_between_any_two_steps_is_mended(
    eva: User, fred: User, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_arguments: object) -> None:
        raise Killed

    version = approved(eva, fred)
    number = version.id
    session.commit()
    with monkeypatch.context() as patch:
        patch.setattr(publish, step, kill)
        with pytest.raises(Killed):
            publish_advisory(number)
    if step == "finish":
        before = files()[JSON]
    publish_advisory(number)
    assert session.get_one(AdvisoryVersion, number).state == AdvisoryState.APPROVED, "its lease still runs"
    session.rollback()
    with clock.turned_to(clock.now() + timedelta(minutes=2)):
        assert publish.unfinished() == [number]
        session.rollback()
        publish_advisory(number)
        publish_advisory(number)
    session.rollback()
    assert session.get_one(AdvisoryVersion, number).state == AdvisoryState.PUBLISHED
    assert session.query(Mailing).count() == 2
    if step == "finish":
        assert files()[JSON] == before, "the same moment of issue, so the same document"
    assert list(verify.problems(config.current().published)) == []


def test_the_sweep_finds_what_waits_for_its_signature(eva: User, fred: User, run_jobs: Callable[[], int]) -> None:
    version = approved(eva, fred)
    number = version.id
    session.commit()
    sweep()
    run_jobs()
    assert session.get_one(AdvisoryVersion, number).state == AdvisoryState.PUBLISHED


def test_words_that_nobody_approved_are_never_signed(eva: User, fred: User) -> None:
    version = approved(eva, fred)
    version.content = replace(FULL, level=4).as_json()
    version = run(version)
    assert version.state == AdvisoryState.APPROVED
    assert "not those that were approved" in version.trouble
    assert not tree.place().exists()


def test_without_a_key_nothing_is_public_and_the_reason_is_told_once(
    eva: User, fred: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> str:
        raise CryptoError("no secret key")

    version = approved(eva, fred)
    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "sign", broken)
        version = run(version)
        assert (version.state, version.trouble) == (AdvisoryState.APPROVED, "no secret key")
        with clock.turned_to(clock.now() + timedelta(minutes=2)):
            run(version)
    told = [each.kind for each in of_subjects([version.advisory.public_id])]
    assert told.count("advisory.publication_failed") == 1
    assert not tree.place().exists()
    with clock.turned_to(clock.now() + timedelta(minutes=5)):
        assert run(version).state == AdvisoryState.PUBLISHED


def test_a_pass_phrase_that_cannot_be_read_is_a_reason_too(eva: User, fred: User) -> None:
    here = config.current()
    config.use(replace(here, publication_key_passphrase_file="/nowhere"))
    version = run(approved(eva, fred))
    config.use(here)
    assert "cannot be read" in version.trouble


def test_an_embargo_is_kept_to_the_minute(eva: User, fred: User) -> None:
    with clock.turned_to(NOW):
        version = approved(eva, fred, embargo=NOW + timedelta(hours=1))
        number = version.id
        assert publish.unfinished() == []
        assert run(version).state == AdvisoryState.EMBARGOED
    with clock.turned_to(NOW + timedelta(hours=1)):
        assert publish.unfinished() == [number]
        session.rollback()
        assert run(session.get_one(AdvisoryVersion, number)).state == AdvisoryState.PUBLISHED


def test_one_process_at_a_time(eva: User, fred: User) -> None:
    with tree.alone():
        version = run(approved(eva, fred))
    assert version.state == AdvisoryState.APPROVED
    assert run(version).state == AdvisoryState.PUBLISHED
    session.rollback()
    publish_advisory(999_999)


def test_no_other_process_can_sign_after_a_publication(eva: User, fred: User) -> None:
    published(eva, fred)
    with pytest.raises(CryptoError):
        crypto.publication().sign(b"anything")
    with pytest.raises(CryptoError):
        crypto.publication().clearsign("anything")


def test_feeds_read_well_and_keep_their_ids(eva: User, fred: User) -> None:
    with clock.turned_to(NOW):
        first = published(eva, fred)
        published(eva, fred, PLAIN)
    before = feedparser.parse(tree.read(feeds.path(Language.ZH_HANT, "atom")))
    assert (before.bozo, len(before.entries), before.feed.language) == (False, 2, "zh-Hant-HK")
    with clock.turned_to(NOW + timedelta(days=1)):
        updated(first, eva, fred)
    after = feedparser.parse(tree.read(feeds.path(Language.ZH_HANT, "atom")))
    assert {each.id for each in after.entries} == {each.id for each in before.entries}
    assert after.entries[0].title.startswith("[更新]")
    assert after.entries[0].updated > before.entries[0].updated
    rss = feedparser.parse(tree.read(feeds.path(Language.EN, "rss")))
    assert (rss.version, rss.bozo, len(rss.entries)) == ("rss20", False, 2)
    told = json.loads(tree.read(feeds.path(Language.EN, "json")))
    assert (told["version"], len(told["items"])) == ("https://jsonfeed.org/version/1.1", 2)
    rolie = json.loads(tree.read(f"csaf/white/{feeds.ROLIE_NAME}"))["feed"]
    assert len(rolie["entry"]) == 4
    assert {link["rel"] for link in rolie["entry"][0]["link"]} == {"self", "hash", "signature"}


def test_lists_for_the_public(eva: User, fred: User) -> None:
    for content in (FULL, PLAIN, FULL):
        published(eva, fred, content)
    assert [each.public_id[-1] for each in shown.page().rows] == ["3", "2", "1"]
    assert [each.public_id[-1] for each in shown.page(least_level=3).rows] == ["3", "1"]
    first = shown.page(limit=2)
    assert [each.public_id[-1] for each in shown.page(after=first.after, limit=2).rows] == ["1"]
    assert shown.page(after=first.after, limit=2).after == ""


def test_the_mail_is_signed_whole(eva: User, fred: User, tmp_path: Path) -> None:
    version = published(eva, fred)
    subject, body = version.bodies["en"]
    assert subject == f"[TLP:CLEAR] {version.advisory.public_id} Mail servers of Example can be taken over"
    raw = b"From: advisories@portal.example\r\nMIME-Version: 1.0\r\n" + bulk.stored(body)
    found = verify.check(raw)
    assert found is not None
    assert verify.check(raw.replace(b"\r\n", b"\n")) is not None
    assert found.text.startswith("TLP:CLEAR")
    edge = raw.index(b"base64") + 60
    assert verify.check(raw[:edge] + b"AAAA" + raw[edge + 4 :]) is None
    assert Content.of_json(version.content) == FULL


def test_a_text_is_genuine_or_not(eva: User, fred: User, context: Flask) -> None:
    published(eva, fred)
    text = tree.read(TEXT)
    found = verify.check(b"Forwarded by a friend:\n\n" + text + b"\nregards")
    assert found is not None
    assert found.text.startswith("TLP:CLEAR")
    assert "friend" not in found.text
    assert found.made_at is not None
    assert verify.check(text.replace("今天".encode(), "明天".encode(), 1)) is None
    assert verify.check(b"nothing signed") is None
    foreign = Keyring(config.current().instance_dir / "gnupg" / "desk", config.current().desk_key)
    assert verify.check(foreign.clearsign("TLP:CLEAR\n\nUpdate now").encode()) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (JSON, "sha256"),
        (f"{JSON}.sha512", "sha512"),
        (f"{JSON}.asc", "signature"),
        (TEXT, "signature"),
        ("stray.exe", "does not belong"),
    ],
)
def test_one_changed_byte_is_named(eva: User, fred: User, name: str, told: str) -> None:
    published(eva, fred)
    place = tree.place() / name
    raw = place.read_bytes() if place.exists() else b"MZ" * 60
    place.write_bytes(raw[:100] + (b"A" if raw[100:101] != b"A" else b"B") + raw[101:])
    found = "\n".join(verify.problems(config.current().published))
    assert name.removesuffix(".sha512").removesuffix(".asc") in found or name in found
    assert told in found


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda told: told["document"].update(csaf_version="2.1"), "no CSAF 2.0"),
        (lambda told: told["document"]["tracking"].update(version="7"), "last of the history"),
        (lambda told: told["document"]["tracking"].update(id="OTHER-1"), "named after the id"),
        (lambda told: told.update(vulnerabilities=[]), "missing"),
        (lambda told: told["document"].pop("tracking"), "no CSAF document"),
        (lambda told: told.update(feed={}), "signature is not good"),
    ],
)
def test_a_document_that_is_none_of_ours_is_named(eva: User, fred: User, spoil: Any, told: str) -> None:
    published(eva, fred)
    document = json.loads(tree.read(JSON))
    spoil(document)
    (tree.place() / JSON).write_text(json.dumps(document), "utf-8")
    assert told in "\n".join(verify.problems(tree.place()))
    (tree.place() / f"{JSON}.sha256").write_bytes(b"\xff\xfe")
    assert "sha256 is not that" in "\n".join(verify.problems(tree.place()))
    (tree.place() / JSON).write_text("{", "utf-8")
    assert "is no JSON" in "\n".join(verify.problems(tree.place()))


def test_nothing_outside_the_record_is_read(eva: User, fred: User) -> None:
    published(eva, fred)
    for path in ("../../../../etc/passwd", "/etc/passwd", "csaf", "none"):
        with pytest.raises(FileNotFoundError):
            tree.read(path)


def test_old_trees_go_and_half_written_ones_too(eva: User, fred: User) -> None:
    for _ in range(3):
        published(eva, fred)
    folder = config.current().published
    (folder / "tree-0000").mkdir()
    (folder / ".tree-0000").symlink_to("tree-0000")
    published(eva, fred)
    assert len(list(folder.glob("tree-*"))) == 2
    assert not list(folder.glob(".tree-*"))
    assert len([name for name in files() if name.endswith(".txt.asc")]) == 8


def test_a_quiet_flaw_has_no_threats_and_a_second_finish_changes_nothing(eva: User, fred: User) -> None:
    version = published(eva, fred, replace(FULL, exploited=False, proof_of_concept=False))
    told = json.loads(tree.read(JSON))
    assert all("threats" not in each for each in told["vulnerabilities"])
    assert publish.finish(version.id, publish.Signed({}, {})) is None
    assert publish.finish(999, publish.Signed({}, {})) is None


def test_a_mail_with_an_edge_that_is_nowhere_is_not_genuine(eva: User, fred: User) -> None:
    version = published(eva, fred)
    raw = b'Content-Type: multipart/mixed; boundary="nowhere"\r\n\r\n' + bulk.stored(version.bodies["en"][1])
    assert verify.check(raw) is not None
    assert verify.check(b'boundary="nowhere"\r\n' + raw[raw.index(b"-----BEGIN PGP SIGNATURE") :]) is None


def test_whoever_publishes_every_process_can_read_the_record(context: Flask, publication_key: str) -> None:
    before = os.umask(0o077)
    try:
        tree.replace({"csaf/white/2026/a.json": b"{}"})
    finally:
        os.umask(before)
    for path in (tree.place().resolve(), *tree.place().resolve().rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_a_record_that_cannot_be_read_is_not_called_genuine(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.replace({"feeds/a.atom": b"x"})
    assert list(verify.problems(config.current().published)) == []
    monkeypatch.setattr(verify.os, "access", lambda path, _how: path.name != "current")  # root may read everything
    assert list(verify.problems(config.current().published)) == [".: cannot be read"]
    assert list(verify.problems(config.current().published / "nowhere")) == []
