"""Settings: where they come from, what stops the start, and that each is documented."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT, ConfigError, Settings, available_presets, load

SECRET = {"secret_key": "x" * 40}
NOWHERE = {"PORTAL_CONFIG": "/nonexistent"}


def test_every_setting_is_documented_with_its_default_and_nothing_else_is() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text, re.M))
    assert set(documented) == {field.name for field in fields(Settings)}
    for field in fields(Settings):
        default = field.default
        text = json.dumps(list(default) if isinstance(default, tuple) else default) if default not in ("", None) else ""
        assert text.strip('"') in documented[field.name], field.name


def test_later_sources_win(tmp_path: Path) -> None:
    file = tmp_path / "portal.toml"
    file.write_text('preset = "clayton"\nlock_after = 7\ndistrict_name = "From the file"\n')
    environ = {"PORTAL_CONFIG": str(file), "PORTAL_DISTRICT_NAME": "From the environment", "PORTAL_TODAY": "2026-02-28"}
    settings = load(environ, **SECRET)
    assert settings.lock_rule == "disable", "the preset"
    assert settings.lock_after == 7, "the file wins over the preset"
    assert settings.district_name == "From the environment"
    assert settings.today == dt.date(2026, 2, 28)


def test_the_demo_does_not_listen_to_a_shell_that_is_set_up_for_a_real_district(tmp_path: Path) -> None:
    file = tmp_path / "portal.toml"
    file.write_text('demo = true\ndatabase_url = "sqlite:////tmp/demo.db"\nsmtp_url = "file:///tmp/mail"\n')
    shell = {"DATABASE_URL": "postgresql://real/portal", "PORTAL_SMTP_URL": "smtp://real:25", "PORTAL_TIME_ZONE": "UTC"}
    settings = load({"PORTAL_CONFIG": str(file), **shell}, **SECRET)
    assert settings.database_url == "sqlite:////tmp/demo.db"
    assert settings.smtp_url == "file:///tmp/mail"
    assert settings.time_zone == "UTC"


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("y" * 50 + "\n")
    assert load({**NOWHERE, "PORTAL_SECRET_KEY_FILE": str(tmp_path / "secret")}).secret_key == "y" * 50


@pytest.mark.parametrize("preset", available_presets())
def test_every_preset_loads(preset: str) -> None:
    assert load(NOWHERE, preset=preset, **SECRET).preset == preset


def test_the_five_districts_and_the_standard_are_the_presets() -> None:
    assert available_presets() == ["ccps", "clayton", "denver", "gwinnett", "henry", "standard"]


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"PORTAL_PRESET": "atlantis"}, "preset: 'atlantis' is none of"),
        ({"PORTAL_LOCK_AFTER": "five"}, "lock_after: 'five' is not a int"),
        ({"PORTAL_LOCK_AFTER": "-1"}, "lock_after: -1 is not between 1 and 1000"),
        ({"PORTAL_LOCK_RULE": "never"}, "lock_rule: 'never' is none of delay, disable"),
        ({"PORTAL_TIME_ZONE": "Mars/Olympus"}, "time_zone: 'Mars/Olympus' is no time zone"),
        ({"PORTAL_TODAY": "yesterday"}, "today: 'yesterday' is not a date"),
        ({"PORTAL_DEMO": "maybe"}, "demo: 'maybe' is not a bool"),
        ({"PORTAL_IDLE_MINUTES": "0"}, "idle_minutes: 0 is not between"),
        ({"PORTAL_PASSWORD_MIN_LENGTH": "300"}, "password_min_length: 300 is not between"),
        ({"PORTAL_DEFAULT_LANGUAGE": "xx"}, "default_language: there is no locales/xx"),
        ({"PORTAL_PORTAL_URL": "portal.example.org"}, "portal_url: 'portal.example.org' is no address"),
        ({"PORTAL_MAIL_FROM": "nobody"}, "mail_from: 'nobody' is no address"),
        ({"PORTAL_SMTP_URL": "mail.example.org:25"}, "smtp_url: begins with neither"),
        ({"PORTAL_TEXT_URL": "twilio://SID:TOKEN@+15035550100"}, "text_url: begins not with file:///, and {number}"),
        ({"PORTAL_PHONE_COUNTRY_CODE": "+1"}, "phone_country_code: '+1' is no country code"),
        ({"PORTAL_TIMEZONE": "America/Denver"}, "unknown setting in the environment: PORTAL_TIMEZONE"),
        ({"PORTAL_SECRET_KEY": "secret"}, "secret_key: use at least 32 random characters"),
        ({"PORTAL_SECRET_KEY_FILE": "/nonexistent/key"}, "PORTAL_SECRET_KEY_FILE"),
    ],
)
def test_a_value_that_makes_no_sense_stops_the_start_with_one_line(environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as stopped:
        load(
            {**NOWHERE, "PORTAL_SECRET_KEY": "x" * 40, **environ}
            if "FILE" not in str(environ)
            else {**NOWHERE, **environ}
        )
    assert said in str(stopped.value)
    assert "\n" not in str(stopped.value)


@pytest.mark.parametrize("text", ["colour = 1", "lock_after = '5'x", "lock_after = true", "district_name = 5"])
def test_a_bad_file_stops_the_start_and_names_what_is_wrong(tmp_path: Path, text: str) -> None:
    file = tmp_path / "portal.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="colour|portal.toml|lock_after|district_name"):
        load({"PORTAL_CONFIG": str(file)}, **SECRET)


def test_config_show_masks_secrets(make_app: Callable[..., Flask]) -> None:
    app = make_app(
        smtp_url="smtp://portal:hunter2@mail.example.org:587", text_url="twilio://AC1:hunter2@+15035550100/{number}"
    )
    shown = app.test_cli_runner().invoke(args=["config", "show"]).output
    assert "smtp_url = (set, not shown)" in shown
    assert "text_url = (set, not shown)" in shown
    assert "hunter2" not in shown
    assert app.extensions["homeroom"].secret_key not in shown
    assert "preset = standard" in shown
