"""Settings of one deployment: frozen, typed, explained; a wrong one fails at start with its name.

The environment (`CERT_PORTAL_<NAME>`) wins over `settings.toml` in the instance folder; a secret may come as
`<NAME>_FILE`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PREFIX = "CERT_PORTAL_"


class SettingsError(Exception):
    """A setting is missing or wrong; the message begins with its name."""


def _setting(help_text: str, default: Any = MISSING, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help_text, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of a process. Build it with `load`; tests may build it directly."""

    instance_dir: Path = _setting("Folder of this deployment: settings.toml, database, keys, files", Path("instance"))
    database_url: str = _setting("SQLAlchemy address; empty means SQLite in the instance folder", "")
    redis_url: str = _setting("Redis address; empty means redis.sock in the instance folder", "")
    smtp_url: str = _setting("Where letters leave: smtp://, smtps:// or file:DIR; empty keeps them in mail/", "")
    blob_url: str = _setting("Where files are kept: file:DIR; empty means blobs/ in the instance folder", "")
    base_url: str = _setting("Public address of the portal, without a slash at the end", "http://127.0.0.1:8000")
    published_dir: str = _setting(
        "Folder of signed publications; empty means advisories/published for the instance `instance`, else published/ "
        "in the instance folder",
        "",
    )
    centre_name_en: str = _setting(
        "Name of the centre in English", "Cyber Incident Coordination Centre (demonstration)"
    )
    centre_name_zh_hant: str = _setting("Name of the centre in Traditional Chinese", "網絡事故協調中心（示範）")
    reference_prefix: str = _setting("Prefix of advisory numbers", "CP")
    hotline: str = _setting("Telephone number shown on every page and letter", "+852 5550 0100")
    fax: str = _setting("Fax number", "+852 5550 0199")
    report_address: str = _setting("E-mail address that takes reports and signs letters", "report@portal.example")
    advisory_address: str = _setting(
        "E-mail address that advisories and digests come from; its key is the publication key",
        "advisories@portal.example",
    )
    timezone: str = _setting("Time zone of clocks, schedules and printed times", "Asia/Hong_Kong")
    publication_key: str = _setting("Fingerprint of the key that signs publications", "")
    publication_key_passphrase_file: str = _setting("File with the pass-phrase of the publication key", "")
    desk_key: str = _setting("Fingerprint of the key that signs letters", "")
    desk_key_passphrase_file: str = _setting("File with the pass-phrase of the desk key", "")
    secret_key: str = _setting("Signs sessions, links and status secrets (at least 32 characters)", secret=True)
    audit_key: str = _setting("Chains the event record; keep a copy outside (at least 32 characters)", secret=True)
    blob_key: str = _setting("Encrypts stored files (at least 32 characters)", secret=True)
    metrics_token: str = _setting("Bearer token that may read /metrics from elsewhere", "", secret=True)
    trusted_proxies: int = _setting("How many reverse proxies stand in front", 0)
    web_concurrency: int = _setting("Web processes", 2)
    upload_megabytes: int = _setting("Largest file that a reporter may send, in MB", 20)
    message_megabytes: int = _setting("Largest e-mail that is read; a larger one is kept and set aside, in MB", 40)
    sms_url: str = _setting("Address of the text message gateway; empty keeps messages waiting", "")
    sms_secret: str = _setting("Signs text messages in and out; empty refuses all that come in", "", secret=True)
    imap_mailboxes: str = _setting(
        "Mailboxes on another server, separated by blanks: report, phishing, abuse or fax=imaps://USER:PASSWORD@HOST",
        "",
        secret=True,
    )
    allow_list: str = _setting(
        "Domains and addresses that say nothing about an incident, separated by blanks: marked, and not compared", ""
    )
    rdap_bootstrap: str = _setting(
        "Address of the folder that holds the tables of registries (RFC 9224), such as https://data.iana.org/rdap; "
        "empty asks no registry (RDAP)",
        "",
    )
    rdap_days: int = _setting("How many days the answer of a registry is kept before it may be asked again", 7)
    alike_percent: int = _setting("From how many percent of common words two reports are proposed as one", 40)
    alike_days: int = _setting("How many days apart two reports may be to be proposed as one", 60)
    surge_percent: int = _setting("From how many percent of common words reports wait as one group in a surge", 70)
    surge_least: int = _setting("From how many reports on a group is a surge: it stands in the queue as one line", 10)
    bulk_letter_minutes: int = _setting(
        "How many minutes the letters of a refusal of many reports wait, so that undoing it calls them back", 10
    )
    machine_join: int = _setting(
        "How many values a machine's report must share with a case to join it by itself; 0: never", 2
    )
    unowned_minutes: int = _setting(
        "After how many minutes an open case of level 3 or 4 without an owner raises the alarm; 0: never", 30
    )
    least_free_megabytes: int = _setting(
        "Below this much free disk, in MB, no message is taken: its server keeps it and tries again", 200
    )
    lease_seconds: int = _setting("After how long unfinished work is taken up again", 60)
    reports_per_hour: int = _setting("Reports that one network address may send in an hour", 60)
    unproven_per_hour: int = _setting(
        "Reports without the browser's proof of work that one network address may send in an hour before they are set "
        "aside",
        5,
    )
    demo: bool = _setting("Demonstration mode: shows /dev/mail and the demo accounts; loopback only", False)

    def __post_init__(self) -> None:
        for name in ("secret_key", "audit_key", "blob_key"):
            if len(getattr(self, name)) < 32:
                raise SettingsError(f"{name.upper()}: at least 32 characters are needed")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError) as error:
            raise SettingsError(f"TIMEZONE: {self.timezone!r} is not a time zone") from error
        if self.sms_url and not self.sms_url.startswith(("http://", "https://")):
            raise SettingsError("SMS_URL: needs http:// or https://")
        if self.rdap_bootstrap and not self.rdap_bootstrap.startswith(("http://", "https://")):
            raise SettingsError("RDAP_BOOTSTRAP: needs http:// or https://")
        if self.base_url.endswith("/") or "://" not in self.base_url:
            raise SettingsError("BASE_URL: needs a scheme and no slash at the end")

    @property
    def zone(self) -> ZoneInfo:
        """The portal's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{self.instance_dir.absolute()}/portal.sqlite"

    @property
    def redis(self) -> str:
        """The Redis address in force."""
        return self.redis_url or f"unix://{self.instance_dir.absolute()}/redis.sock"

    @property
    def smtp(self) -> str:
        """The way out for letters in force."""
        return self.smtp_url or f"file:{self.instance_dir.absolute()}/mail"

    @property
    def blobs(self) -> Path:
        """The folder of encrypted files."""
        scheme, _, rest = (self.blob_url or f"file:{self.instance_dir.absolute()}/blobs").partition(":")
        if scheme != "file":
            raise SettingsError(f"BLOB_URL: {scheme!r} is not supported, use file:DIR")
        return Path(rest)

    @property
    def published(self) -> Path:
        """The folder of signed publications in force: two instances never share one."""
        if self.published_dir:
            return Path(self.published_dir).absolute()
        if self.instance_dir.absolute() == Path("instance").absolute():
            return Path("advisories/published").absolute()
        return self.instance_dir.absolute() / "published"

    @property
    def spool(self) -> Path:
        """The folder where messages are made durable before anything reads them."""
        return self.instance_dir.absolute() / "spool"

    @property
    def mail_domain(self) -> str:
        """Domain of the centre's own addresses and message ids."""
        return self.report_address.rpartition("@")[2]

    def centre_name(self, language: str) -> str:
        """Name of the centre in a language ("en" or "zh-hant")."""
        return self.centre_name_zh_hant if language == "zh-hant" else self.centre_name_en


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of this process. Raises SettingsError with the name of what is missing or wrong."""
    env = os.environ if environ is None else environ
    instance = Path(env.get(PREFIX + "INSTANCE_DIR", "instance")).absolute()
    given = _from_file(instance / "settings.toml")
    values: dict[str, Any] = {"instance_dir": instance}
    for each in fields(Settings):
        if each.name != "instance_dir":
            raw = _raw(each, env, given)
            if raw is not None:
                values[each.name] = _typed(each, raw)
            elif each.default is MISSING:
                raise SettingsError(f"{each.name.upper()}: not set (environment or {instance / 'settings.toml'})")
    unknown = sorted(set(given) - {f"{f.name}{end}" for f in fields(Settings) for end in ("", "_file")})
    if unknown:
        raise SettingsError(f"{unknown[0].upper()}: no such setting")
    return Settings(**values)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return {key.lower(): value for key, value in tomllib.loads(path.read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from error


def _raw(each: Field[Any], env: Mapping[str, str], given: Mapping[str, Any]) -> Any:
    name = PREFIX + each.name.upper()
    if name in env:
        return env[name]
    path = env.get(name + "_FILE") or given.get(each.name + "_file")
    if path and each.metadata["secret"]:
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{each.name.upper()}_FILE: {error}") from error
    return given.get(each.name)


def _typed(each: Field[Any], raw: Any) -> Any:
    try:
        if each.type == "int":
            return int(raw)
        if each.type == "bool":
            return {"true": True, "1": True, "false": False, "0": False, "": False}[str(raw).lower()]
        return str(raw)
    except (ValueError, KeyError) as error:
        raise SettingsError(f"{each.name.upper()}: {raw!r} is not of the type {each.type}") from error


_in_force: list[Settings] = []


def use(settings: Settings) -> None:
    """Put settings in force for this process (create_app calls it; a process serves one deployment)."""
    _in_force[:] = [settings]


def current() -> Settings:
    """The settings in force. Raises SettingsError before `use`."""
    if not _in_force:
        raise SettingsError("INSTANCE_DIR: no settings are in force yet")
    return _in_force[0]


def table() -> str:
    """The settings table of the manual, in Markdown."""
    rows = ["| Setting | Meaning | Default |", "|---|---|---|"]
    for each in fields(Settings):
        default = "required" if each.default is MISSING else f"`{each.default}`" if each.default != "" else "empty"
        rows.append(f"| `{PREFIX}{each.name.upper()}` | {each.metadata['help']} | {default} |")
    return "\n".join(rows)
