"""Every setting of the portal, read once into one frozen object.

Later sources win: the preset's file in `presets/`, then `instance/portal.toml`, then the environment, where setting
`time_zone` is `PORTAL_TIME_ZONE` (and `DATABASE_URL` keeps its usual name). A secret may stand in a file that
`PORTAL_…_FILE` names; without a secret key the portal makes itself one and keeps it. A value that makes no sense, or a
name that is no setting, stops the start with one line. Each setting is described in docs/settings.md; a test holds the
two together.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROOT = Path(__file__).resolve().parent
PRESETS = ROOT / "presets"
LOCALES = ROOT / "locales"

#: Pseudo-languages for testing, which only a demo or a portal in debug mode offers.
PSEUDO = ROOT / "instance" / "locales"

#: Settings whose values are never printed.
SECRETS = frozenset({"secret_key", "smtp_url", "text_url", "database_url", "oidc_client_secret"})


class ConfigError(Exception):
    """A setting that is missing or makes no sense; the text is one line for the operator."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this portal is set to. Times are in minutes, hours or days as the names say."""

    # The district
    district_name: str = "Homeroom"
    portal_url: str = "http://127.0.0.1:8000"
    time_zone: str = "America/New_York"
    default_language: str = "en"
    help_contact: str = ""
    today: dt.date | None = None

    # The machine
    secret_key: str = ""
    database_url: str = "sqlite:///instance/portal.db"
    maintenance_file: str = "instance/maintenance"
    smtp_url: str = "smtp://127.0.0.1:25"
    mail_from: str = "Homeroom <portal@localhost>"
    text_url: str = ""
    phone_country_code: str = "1"
    trusted_proxies: int = 0
    demo: bool = False

    # Ways in
    preset: str = "standard"
    registration: tuple[str, ...] = ("key", "account")
    claim: tuple[str, ...] = ()
    first_duties: tuple[str, ...] = ()
    user_name: str = "email"
    user_name_min: int = 4
    user_name_max: int = 30
    email_required: bool = False
    verify_email: str = "after"
    change_email: str = "self"
    key_style: str = "key"
    key_days: int = 60
    key_scope: str = "person"
    key_lookup: bool = False
    check_identity: bool = False
    lookup_secret_name: str = ""
    student_accounts: str = "off"
    exact_names: bool = True
    two_steps: bool = False
    password_min_length: int = 12
    reuse_passwords: bool = True
    lock_rule: str = "delay"
    lock_after: int = 5
    address_limit: int = 20
    address_window_minutes: int = 15
    idle_minutes: int = 60
    session_hours: int = 12
    disable_after_days: int = 0
    delete_after_days: int = 0
    leaving_close_days: int = 60
    leaving_delete_days: int = 396

    # The district's own sign-in (OpenID Connect)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    oidc_for: tuple[str, ...] = ()
    oidc_link_by_email: bool = False
    oidc_student_claim: str = ""
    oidc_student_matches: str = "number"
    oidc_second_factor: tuple[str, ...] = ()
    oidc_scopes: tuple[str, ...] = ("openid", "email", "profile")
    oidc_prompt: str = "login"

    # The record and messages
    home: str = "all"
    messages: bool = True
    student_messages: bool = False
    teacher_email_links: bool = False
    messages_per_day: int = 20
    support_email: str = ""
    absence_email: str = ""
    absence_reasons: tuple[str, ...] = ("illness", "appointment", "family", "religious", "other")
    at_eighteen: str = "dependent"
    currency: str = "USD"
    payment_url: str = ""
    history_from_grade: int = 9
    ask: tuple[str, ...] = (
        "attendance=advisors", "behavior=advisors", "history=advisors", "programs=advisors", "schedule=advisors",
        "tests=teachers",
    )  # fmt: skip

    # The feed
    shrink_percent: int = 10

    # Password hashing (RFC 9106): memory in KiB
    argon2_memory: int = 19_456
    argon2_passes: int = 2

    @property
    def secure(self) -> bool:
        """Whether people reach the portal over TLS, so that cookies may insist on it."""
        return urlsplit(self.portal_url).scheme == "https"


#: The sections of the record whose pages say whom to ask (the grades' pages name the teachers), and who that can be.
_ASKED = (
    "attendance", "behavior", "schedule", "calendar", "tests", "history", "library", "fees", "transportation",
    "programs", "reports",
)  # fmt: skip
_ANSWERERS = ("teachers", "advisors", "office")

_LISTS = {
    "registration": ("key", "credentials", "token", "role", "agreement", "account", "password", "questions"),
    "claim": ("claim", "password", "questions"),
    "absence_reasons": ("illness", "appointment", "family", "religious", "other"),
    "ask": tuple(f"{section}={whom}" for section in _ASKED for whom in _ANSWERERS),
    "first_duties": ("email", "password", "questions", "agreement", "authenticator"),
    "oidc_for": ("staff", "students"),
}
_CHOICES = {
    "user_name": ("email", "chosen"),
    "verify_email": ("before", "after"),
    "change_email": ("self", "office"),
    "student_accounts": ("off", "key", "claim", "district"),
    "key_style": ("key", "guid", "token"),
    "key_scope": ("person", "child"),
    "lock_rule": ("delay", "disable"),
    "at_eighteen": ("dependent", "ask", "consent"),
    "home": ("all", "oldest"),
    "oidc_student_matches": ("number", "sourced_id"),
    "oidc_prompt": ("login", "select_account", ""),
}


#: What the environment may say and the demo does not listen to.
_NOT_FOR_THE_DEMO = frozenset(
    name + suffix
    for name in ("DATABASE_URL", "PORTAL_SMTP_URL", "PORTAL_MAIL_FROM", "PORTAL_TEXT_URL", "PORTAL_SECRET_KEY")
    for suffix in ("", "_FILE")
)

_RANGES = {
    "trusted_proxies": (0, 10), "key_days": (1, 3650), "password_min_length": (8, 64), "lock_after": (1, 1000),
    "address_limit": (1, 100_000), "address_window_minutes": (1, 24 * 60), "idle_minutes": (1, 24 * 60),
    "session_hours": (1, 30 * 24), "messages_per_day": (0, 1000), "shrink_percent": (0, 100),
    "argon2_memory": (8, 4_194_304), "argon2_passes": (1, 100), "history_from_grade": (0, 13),
}  # fmt: skip


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings from preset, file and `environ` (default: the process's); `overrides` win over all.

    Raises ConfigError for an unknown preset or setting, a value of the wrong kind, or a weak secret key.
    """
    environ = os.environ if environ is None else environ
    file = Path(environ.get("PORTAL_CONFIG", ROOT / "instance" / "portal.toml"))
    from_file = _read_toml(file) if file.exists() else {}
    if from_file.get("demo") is True:
        # The demo never touches a real district's database or mail, whatever this shell is set to.
        environ = {name: value for name, value in environ.items() if name not in _NOT_FOR_THE_DEMO}
    given = {**from_file, **_from_environment(environ), **overrides}
    if "secret_key" not in given:
        given["secret_key"] = _own_secret()
    preset = given.get("preset", Settings.preset)
    if preset not in available_presets():
        raise ConfigError(f"preset: {preset!r} is none of {', '.join(available_presets())}")
    values = {**_read_toml(PRESETS / f"{preset}.toml"), **given}
    kinds = {field.name: str(field.type) for field in fields(Settings)}
    unknown = sorted(set(values) - set(kinds))
    if unknown:
        raise ConfigError(f"unknown setting: {', '.join(unknown)}")
    settings = Settings(**{name: _convert(name, kinds[name], value) for name, value in values.items()})
    _check(settings)
    return settings


def _own_secret() -> str:
    """The secret key that this installation made for itself at its first start, kept in `instance/secret-key`."""
    path = ROOT / "instance" / "secret-key"
    try:
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, secrets.token_hex(32).encode())
        os.close(descriptor)
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigError(f"secret_key: set PORTAL_SECRET_KEY, since {path} cannot be written: {error}") from error
    return path.read_text(encoding="ascii").strip()


def available_presets() -> list[str]:
    """The names of the presets that stand in `presets/`."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in fields(Settings):
        name = "DATABASE_URL" if field.name == "database_url" else f"PORTAL_{field.name.upper()}"
        if name in environ:
            found[field.name] = environ[name]
        elif f"{name}_FILE" in environ:
            try:
                found[field.name] = Path(environ[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{name}_FILE: {error}") from error
    known = {f"PORTAL_{field.name.upper()}{suffix}" for field in fields(Settings) for suffix in ("", "_FILE")}
    unknown = sorted(name for name in environ if name.startswith("PORTAL_") and name not in known | {"PORTAL_CONFIG"})
    if unknown:
        raise ConfigError(f"unknown setting in the environment: {', '.join(unknown)}")
    return found


def _convert(name: str, kind: str, value: Any) -> Any:
    """The value as the kind that the setting has; text comes from the environment, the rest from TOML."""
    if kind == "tuple[str, ...]":
        return tuple(value.replace(",", " ").split() if isinstance(value, str) else value)
    if not isinstance(value, str):
        wanted = {"str": str, "int": int, "bool": bool}.get(kind, dt.date)
        if type(value) is not wanted and value is not None:
            raise ConfigError(f"{name}: {value!r} is not a {wanted.__name__}")
        return value
    try:
        if kind == "int":
            return int(value)
        if kind == "bool":
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[value.lower()]
        if kind == "dt.date | None":
            return dt.date.fromisoformat(value) if value else None
    except (ValueError, KeyError):
        raise ConfigError(f"{name}: {value!r} is not a {kind.removeprefix('dt.')}") from None
    return value


def _check(settings: Settings) -> None:
    for name, choices in _CHOICES.items():
        if getattr(settings, name) not in choices:
            raise ConfigError(f"{name}: {getattr(settings, name)!r} is none of {', '.join(choices)}")
    for name, choices in _LISTS.items():
        for value in getattr(settings, name):
            if value not in choices:
                raise ConfigError(f"{name}: {value!r} is none of {', '.join(choices)}")
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"time_zone: {settings.time_zone!r} is no time zone") from None
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(settings, name) <= most:
            raise ConfigError(f"{name}: {getattr(settings, name)} is not between {least} and {most}")
    if not (LOCALES / settings.default_language).is_dir() and settings.default_language != "en":
        raise ConfigError(f"default_language: there is no locales/{settings.default_language}")
    if len(settings.currency) != 3 or not settings.currency.isupper():
        raise ConfigError(f"currency: {settings.currency!r} is no ISO 4217 code such as USD")
    if settings.payment_url and urlsplit(settings.payment_url).scheme != "https":
        raise ConfigError(f"payment_url: {settings.payment_url!r} is no address such as https://pay.example.org")
    if urlsplit(settings.portal_url).scheme not in ("http", "https") or not urlsplit(settings.portal_url).netloc:
        raise ConfigError(f"portal_url: {settings.portal_url!r} is no address such as https://portal.example.org")
    if "@" not in parseaddr(settings.mail_from)[1]:
        raise ConfigError(f"mail_from: {settings.mail_from!r} is no address such as Portal <portal@example.org>")
    for name in ("support_email", "absence_email"):
        address = getattr(settings, name)
        if address and parseaddr(address)[1] != address:
            raise ConfigError(f"{name}: {address!r} is no address such as office@example.org")
    if not settings.absence_reasons:
        raise ConfigError("absence_reasons: name at least one")
    if urlsplit(settings.smtp_url).scheme not in ("smtp", "smtps", "file"):
        raise ConfigError("smtp_url: begins with neither smtp://, smtps:// nor file://")
    if settings.text_url and not settings.text_url.startswith("file:///") and "{number}" not in settings.text_url:
        raise ConfigError("text_url: begins not with file:///, and {number} stands nowhere in it")
    if not (settings.phone_country_code.isdecimal() and len(settings.phone_country_code) <= 3):
        raise ConfigError(f"phone_country_code: {settings.phone_country_code!r} is no country code such as 1")
    if settings.key_lookup and settings.registration[:1] != ("key",):
        raise ConfigError("key_lookup: works only where registration begins with the step key")
    _check_provider(settings)
    if len(settings.secret_key) < 32:
        raise ConfigError(
            "secret_key: use at least 32 random characters, for example the output of"
            " `python3 -c 'import secrets; print(secrets.token_hex(32))'`, or leave it out: the portal makes its own"
        )


def _check_provider(settings: Settings) -> None:
    """What belongs to the OpenID provider is set together, or not at all."""
    if not settings.oidc_for:
        return
    for name in ("oidc_issuer", "oidc_client_id", "oidc_client_secret"):
        if not getattr(settings, name):
            raise ConfigError(f"{name}: oidc_for needs it")
    issuer = urlsplit(settings.oidc_issuer)
    here = issuer.scheme == "http" and issuer.hostname in ("localhost", "127.0.0.1")
    if not issuer.hostname or issuer.query or issuer.fragment or (issuer.scheme != "https" and not here):
        raise ConfigError(f"oidc_issuer: {settings.oidc_issuer!r} is no issuer such as https://login.example.org")
    if "students" in settings.oidc_for and not settings.oidc_student_claim:
        raise ConfigError("oidc_student_claim: oidc_for has students, so name the claim with their number")
    if "openid" not in settings.oidc_scopes:
        raise ConfigError("oidc_scopes: has to hold openid")
