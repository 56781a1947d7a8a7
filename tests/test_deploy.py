"""The files of a production deployment name what there is: commands, settings, queues, addresses, users."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import pytest
from flask import Flask
from ruamel.yaml import YAML

from cert_portal.cli import cli
from cert_portal.config import PREFIX, Settings
from cert_portal.core import queue

DEPLOY = Path(__file__).parents[1] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text("utf-8"))
OURS = {
    name: each for name, each in COMPOSE["services"].items() if each["image"] == "cert-portal" and "command" in each
}
NGINX = (DEPLOY / "nginx.conf").read_text("utf-8")
NAMES = {PREFIX + each.name.upper() for each in fields(Settings)}
SECRET = {PREFIX + each.name.upper() for each in fields(Settings) if each.metadata["secret"]}


def commands_of(unit: Path) -> list[list[str]]:
    found = re.findall(r"^ExecStart=/opt/cert-portal/\.venv/bin/cert-portal (.+)$", unit.read_text(), re.MULTILINE)
    return [shlex.split(each) for each in found]


def all_commands() -> list[list[str]]:
    units = [each for unit in UNITS for each in commands_of(unit)]
    return units + [[str(word) for word in each["command"]] for each in OURS.values()]


def parsed(words: list[str]) -> click.Context:
    """The command that these words call, its options understood and not run."""
    group: click.Command = cli
    rest = list(words)
    while isinstance(group, click.Group):
        found = group.get_command(click.Context(group), rest.pop(0))
        assert found is not None, words
        group = found
    return group.make_context(" ".join(words), rest)


def test_every_unit_starts_something() -> None:
    assert len(UNITS) == 6
    assert all(commands_of(unit) for unit in UNITS)


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_every_command_exists(words: list[str]) -> None:
    context = parsed(words)
    assert set(context.params.get("queues", "").split(",")) <= {*queue.QUEUES, ""}


def queues_of(commands: list[list[str]]) -> list[str]:
    found = [parsed(words).params["queues"].split(",") for words in commands if words[0] == "worker"]
    return sorted(name for each in found for name in each)


def test_each_queue_is_served_by_exactly_one_kind_of_process() -> None:
    assert queues_of([each for unit in UNITS for each in commands_of(unit)]) == sorted(queue.QUEUES)
    assert queues_of([each["command"] for each in OURS.values()]) == sorted(queue.QUEUES)


def test_every_environment_name_is_a_setting() -> None:
    words = "\n".join(path.read_text("utf-8") for path in (*UNITS, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"))
    found = set(re.findall(rf"\b{PREFIX}\w+", words))
    assert len(found) > 4
    assert found <= NAMES | {f"{name}_FILE" for name in SECRET}


def test_the_settings_that_are_filled_in_are_settings() -> None:
    told = tomllib.loads((DEPLOY / "settings.toml").read_text("utf-8"))
    assert {PREFIX + name.upper() for name in told} <= NAMES | {f"{name}_FILE" for name in SECRET}
    assert told["trusted_proxies"] == 1
    assert "demo" not in told
    script = (DEPLOY / "production.sh").read_text("utf-8")
    for mark in set(re.findall(r"@[A-Z]+@", "\n".join(map(str, told.values())))):
        assert f"s|{mark}|" in script, mark


def test_one_process_alone_can_read_the_pass_phrase() -> None:
    holders = [unit.stem for unit in UNITS if "publication.passphrase" in unit.read_text()]
    assert holders == ["cert-portal-publisher"]
    users = {unit.stem: re.findall(r"^User=(.+)$", unit.read_text(), re.MULTILINE) for unit in UNITS}
    assert [name for name, found in users.items() if found == ["portal-press"]] == holders
    assert [name for name, each in OURS.items() if "publication.passphrase" in str(each)] == ["publisher"]
    assert [name for name, each in OURS.items() if str(each.get("user", "")).startswith("991")] == ["publisher"]
    assert "publication_key_passphrase_file" not in (DEPLOY / "settings.toml").read_text()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_every_unit_is_confined(unit: Path) -> None:
    text = unit.read_text()
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "CapabilityBoundingSet=\n"):
        assert line in text
    assert "ReadWritePaths=/var/lib/cert-portal" in text
    assert "User=root" not in text


def test_the_proxy_leads_to_what_there_is(app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    paths = re.findall(r"location (?:=|\^~)? ?(/\S*) \{", NGINX)
    assert {"/", "/static/", "/.well-known/", "/feeds/", "/metrics"} <= set(paths)
    for path in set(paths) - {"/.well-known/acme-challenge/"}:
        assert any(rule.startswith(path) for rule in rules), path
    root = re.search(r"root /opt/cert-portal/(\S+);", NGINX)
    assert root is not None
    assert Path(str(app.static_folder)) == DEPLOY.parent / root[1] / "static"


def test_the_proxy_lets_through_what_the_portal_takes(app: Flask) -> None:
    size = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert size is not None
    assert int(size[1]) * 2**20 >= app.config["MAX_CONTENT_LENGTH"]
    for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"):
        assert f"proxy_set_header {name} " in NGINX
    proxied = re.sub(r"location /static/ \{.*?\n    \}", "", NGINX, flags=re.DOTALL)
    assert "add_header" not in proxied, "the portal sends its headers itself"


def test_the_manual_names_every_file() -> None:
    told = (DEPLOY.parent / "docs" / "operators.md").read_text("utf-8")
    for path in (*UNITS, *(DEPLOY / "systemd").glob("*.target")):
        assert f"systemd/{path.name}" in told
    for name in (
        "production.sh",
        "settings.toml",
        "portal.sh",
        "nginx.conf",
        "postfix.cf",
        "compose.yaml",
        "Dockerfile",
    ):
        assert (DEPLOY / name).exists()
        assert f"`{name}`" in told


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_the_units() -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, UNITS)], capture_output=True, text=True, check=False, timeout=60
    )
    found = [line for line in done.stderr.splitlines() if "cert-portal" in line and "is not executable" not in line]
    assert found == []


def test_the_scripts_are_valid_shell() -> None:
    for name in ("production.sh", "portal.sh", "setup.sh"):
        assert subprocess.run(["bash", "-n", str(DEPLOY / name)], check=False).returncode == 0
