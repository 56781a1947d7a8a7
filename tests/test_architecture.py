"""The rules of the house (docs/architecture.md), each a test. Runs without any server."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cert_portal.app import create_app
from cert_portal.config import Settings
from cert_portal.core.db import Base

ROOT = Path(__file__).parents[1]
ORDER = (
    "config",
    "core",
    "directory",
    "guidance",
    "intake",
    "monitoring",
    "cases",
    "coordination",
    "publishing",
    "subscriptions",
    "governance",
)
ABOVE = {"web", "letters", "app", "cli", "launcher", "instance", "doctor", "demo", "__init__", "__main__"}
STAGES = ORDER[2:]
FILES = [
    path
    for folder in ("cert_portal", "workers")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "node_modules" not in path.parts
]
DOORS = {
    "gnupg": "core/crypto.py",
    "smtplib": "core/mail/transport.py",
    "imaplib": "core/mail/imap.py",
    "feedparser": "core/feeds.py",
    "weasyprint": "core/pdf.py",
    "cryptography": "core/blobs.py",
}
QUEUE_DOOR = {"redis": {"core/queue.py"}, "rq": {"core/queue.py", "job.py"}}
ALSO_ALLOWED = {("smtplib", "doctor.py")}  # it asks whether the server answers, and sends nothing
BANNED_NAMES = {"utils", "helpers", "common", "managers", "util", "helper", "misc"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def place(path: Path) -> str:
    parts = path.relative_to(ROOT / "cert_portal").parts if path.is_relative_to(ROOT / "cert_portal") else ("workers",)
    return parts[0].removesuffix(".py")


def short(path: Path) -> str:
    return str(path.relative_to(ROOT)).removeprefix("cert_portal/").removeprefix("workers/")


def test_every_package_has_its_place() -> None:
    unknown = {place(path) for path in FILES} - set(ORDER) - ABOVE - {"workers"}
    assert not unknown, f"give {unknown} a place in the order of docs/architecture.md"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_imports_point_upstream(path: Path) -> None:
    here = place(path)
    if here not in ORDER:
        return
    allowed = set(ORDER[: ORDER.index(here) + 1])
    for name in imports(path):
        if name.startswith("cert_portal."):
            assert name.split(".")[1] in allowed, f"{short(path)} imports {name}"


def test_foreign_keys_point_upstream() -> None:
    home = {
        mapper.local_table.name: mapper.class_.__module__.split(".")[1]  # type: ignore[attr-defined]  # always a table
        for mapper in Base.registry.mappers
    }
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            there = home[key.column.table.name]
            assert ORDER.index(there) <= ORDER.index(home[table.name]), f"{table.name} points to {there}"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_one_door_per_library(path: Path) -> None:
    for name in imports(path):
        library = name.split(".")[0]
        if library in DOORS and (library, short(path)) not in ALSO_ALLOWED:
            assert short(path) == DOORS[library], f"{library} has its one door in {DOORS[library]}"
        if library in QUEUE_DOOR:
            assert short(path) in QUEUE_DOOR[library], f"{library} has its door in core/queue.py"


@pytest.mark.parametrize("path", [p for p in FILES if place(p) in STAGES], ids=short)
def test_stages_know_no_web(path: Path) -> None:
    banned = {"flask", "wtforms", "flask_wtf", "flask_login", "flask_babel", "rq", "redis", "flask_sqlalchemy"}
    assert not banned & {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", [p for p in FILES if place(p) in STAGES or place(p) == "core"], ids=short)
def test_verbs_never_commit(path: Path) -> None:
    calls = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert not calls, f"{short(path)} commits at lines {calls}: views, commands and jobs do that"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_files_and_functions_stay_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, f"{node.name} has more than 40 lines"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_no_import_in_functions_and_no_broad_except(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            late = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not late, f"{node.name} imports inside"
        if isinstance(node, ast.ExceptHandler):
            caught = getattr(node.type, "id", "") if node.type else "everything"
            assert caught not in ("Exception", "BaseException", "everything"), f"line {node.lineno} catches {caught}"


def test_no_vague_module_names() -> None:
    assert not [path for path in FILES if path.stem in BANNED_NAMES]


def test_letters_are_text_in_both_languages() -> None:
    folder = ROOT / "cert_portal" / "letters"
    names = {path.name for path in folder.glob("*.txt")}
    assert not list(folder.rglob("*.py"))
    for name in names:
        stem = name.split(".")[0]
        assert {f"{stem}.en.txt", f"{stem}.zh-hant.txt"} <= names, f"{stem} lacks a language"


FOR_THE_PDF_MAKER = (
    "record.html",
    "paper_form.html",
    "paper_letter.html",
    "annual_report_file.html",
    "case_paper.html",
)


def test_no_template_uses_inline_script_or_style() -> None:
    for path in (ROOT / "cert_portal" / "web" / "templates").rglob("*.html"):
        words = path.read_text("utf-8")
        if path.name in FOR_THE_PDF_MAKER:
            continue
        assert not re.search(r"<script(?![^>]*\bsrc=)", words), f"{path.name} has an inline script"
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=[\"']", words), f"{path.name} has inline style or handler"


def test_tlp_labels_are_never_translated() -> None:
    words = (ROOT / "cert_portal/web/translations/zh_Hant/LC_MESSAGES/messages.po").read_text("utf-8")
    for folder in (ROOT / "cert_portal" / "letters", ROOT / "advisories" / "guides"):
        for path in folder.rglob("*zh-hant*"):
            words += path.read_text("utf-8")
    for label in re.findall(r"TLP[:： ]\S+", words):
        assert re.match(r"TLP:(RED|AMBER(\+STRICT)?|GREEN|CLEAR)", label), label


def test_every_staff_view_names_its_permission(tmp_path: Path) -> None:
    settings = Settings(instance_dir=tmp_path, secret_key="s" * 40, audit_key="a" * 40, blob_key="b" * 40)
    app = create_app(settings)
    open_views = {"staff.sign_in", "staff.do_sign_in", "staff.sign_out", "staff.sign_out_everywhere"}
    for rule in app.url_map.iter_rules():
        face = rule.endpoint.split(".")[0]
        assert face in ("public", "partner", "org", "staff", "machine", "static", "root"), (
            f"{rule.endpoint} stands behind no face"
        )
        if face in ("staff", "org") and rule.endpoint not in open_views:
            assert hasattr(app.view_functions[rule.endpoint], "permission"), f"{rule.endpoint} names no permission"


def test_nothing_speaks_of_machines_or_registries() -> None:
    lock = (ROOT / "cert_portal/web/assets/package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    for path in (ROOT / "deploy").glob("*.txt"):
        assert "://" not in path.read_text("utf-8"), path.name


GUARDS = {"visible_to", "reports_visible_to", "hidden_from_nobody", "hidden_numbers", "_case_rows", "_report_rows"} | {
    "referrals_visible_to"
}
FOR_THE_SYSTEM = {
    "cases/access.py": "who is named on a case that the caller may see",
    "cases/family.py": "what went into a case that the caller holds",
    "cases/merging.py": "cases that the caller holds, found by find_case",
    "cases/splitting.py": "the case that the caller holds",
    "cases/taking_out.py": "the case that the caller holds, and what the pages of its reporters tell",
    "cases/alarms.py": "the job that looks what time brings about; each person is told only what the person may see",
    "cases/called.py": "who is called may see the case; the job that takes cases from people who left",
    "cases/returned.py": "the job that tells of a letter; each person is told only what the person may see",
    "cases/telling.py": "the job that reads the record; each person is told only what the person may see",
    "coordination/notices.py": "the same for answers of parties",
    "cases/later.py": "the letter of a case that the caller holds, and the job that sends it as its author may",
    "cases/index.py": "words for the search, which is itself guarded when it is asked",
    "cases/handling.py": "asks whether the new owner is named on the case that the caller holds",
    "cases/triage.py": "asks by primary key whether a report is already in the case that the caller holds",
    "cases/outside.py": "what a reporter is told about the own report",
    "coordination/answers.py": "the referral that a message of its party belongs to",
    "coordination/consent.py": "what the reporters of a referral that the caller holds allowed",
    "coordination/index.py": "words for the search, which is itself guarded when it is asked",
    "coordination/later.py": "the referral that the caller holds, and the job that sends it as its author may",
    "coordination/letters.py": "the facts of a letter about a referral that the caller holds",
    "coordination/link.py": "the referral of a party's own link",
    "coordination/refer.py": "the case of a referral that the caller holds",
    "coordination/reminders.py": "the job that reminds parties of every referral",
}


@pytest.mark.parametrize("path", [p for p in FILES if place(p) in ("cases", "coordination", "web")], ids=short)
def test_every_query_for_cases_asks_who_may_see_them(path: Path) -> None:
    if short(path) == "cases/visible.py" or short(path) in FOR_THE_SYSTEM:
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef) and _asks_for_cases(node):
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            assert names & GUARDS, f"{node.name} reads cases without visible_to"


def _asks_for_cases(function: ast.FunctionDef) -> bool:
    for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        asked = {a.id for a in call.args if isinstance(a, ast.Name)}
        if name in ("select", "get", "get_one", "query") and asked & {"Case", "CaseReport", "CaseAccess", "Referral"}:
            return True
    return False
