"""Settings: typed, explained, refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cert_portal import config
from cert_portal.config import Settings, SettingsError, load

KEYS = {f"CERT_PORTAL_{name}": "k" * 32 for name in ("SECRET_KEY", "AUDIT_KEY", "BLOB_KEY")}


def env(folder: Path, **more: str) -> dict[str, str]:
    return KEYS | {"CERT_PORTAL_INSTANCE_DIR": str(folder)} | {f"CERT_PORTAL_{k}": v for k, v in more.items()}


def test_defaults_live_in_the_instance_folder(tmp_path: Path) -> None:
    settings = load(env(tmp_path))
    assert settings.database == f"sqlite:///{tmp_path}/portal.sqlite"
    assert settings.redis == f"unix://{tmp_path}/redis.sock"
    assert settings.smtp == f"file:{tmp_path}/mail"
    assert settings.blobs == tmp_path / "blobs"
    assert settings.spool == tmp_path / "spool"
    assert settings.zone.key == "Asia/Hong_Kong"
    assert settings.mail_domain == "portal.example"
    assert settings.centre_name("en") != settings.centre_name("zh-hant")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('hotline = "1"\nfax = "2"\nlease_seconds = 7\ndemo = true\n')
    settings = load(env(tmp_path, HOTLINE="3", DEMO="0"))
    assert (settings.hotline, settings.fax, settings.lease_seconds, settings.demo) == ("3", "2", 7, False)


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("f" * 40 + "\n")
    given = env(tmp_path) | {"CERT_PORTAL_SECRET_KEY_FILE": str(tmp_path / "key")}
    del given["CERT_PORTAL_SECRET_KEY"]
    assert load(given).secret_key == "f" * 40
    (tmp_path / "settings.toml").write_text(f'secret_key_file = "{tmp_path}/none"\n')
    del given["CERT_PORTAL_SECRET_KEY_FILE"]
    with pytest.raises(SettingsError, match="SECRET_KEY_FILE"):
        load(given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("TIMEZONE", "Nowhere/City"),
        ("BASE_URL", "portal.example"),
        ("BASE_URL", "https://portal.example/"),
        ("LEASE_SECONDS", "soon"),
        ("DEMO", "perhaps"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(env(tmp_path, **{name: value}))


def test_what_is_missing_unknown_or_broken_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY: not set"):
        load({"CERT_PORTAL_INSTANCE_DIR": str(tmp_path)})
    (tmp_path / "settings.toml").write_text('colour = "blue"\n')
    with pytest.raises(SettingsError, match="COLOUR: no such setting"):
        load(env(tmp_path))
    (tmp_path / "settings.toml").write_text("not toml")
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        load(env(tmp_path))
    with pytest.raises(SettingsError, match="BLOB_URL"):
        _ = load(env(tmp_path / "x", BLOB_URL="s3://bucket")).blobs


def test_settings_are_in_force_once_used(tmp_path: Path) -> None:
    before = list(config._in_force)
    config._in_force.clear()
    with pytest.raises(SettingsError):
        config.current()
    settings = load(env(tmp_path))
    config.use(settings)
    assert config.current() is settings
    config._in_force[:] = before


def test_every_setting_is_explained() -> None:
    assert all(name in config.table() for name in (f"CERT_PORTAL_{f.upper()}" for f in Settings.__dataclass_fields__))
