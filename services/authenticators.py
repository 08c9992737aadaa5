"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and backup codes for the day the phone is gone.

Families may have one; who is asked for one has the duty `authenticator`. Passkeys come beside it and end with it
(`services.passkeys`). The secret that app and portal share is made of the portal's secret key and a salt and stored
nowhere: a stolen database alone gives nobody a code.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import secrets
import textwrap
from typing import NamedTuple

import pyotp
import segno

from config import Settings
from models import Account, AuditEvent, Authenticator, BackupCode, Passkey, database
from services import duties, links, recovery
from services.hashing import keyed_hash
from services.outbox import Compose
from services.passwords import FieldError
from services.throttle import Limit

#: Bits of a shared secret: RFC 4226 4 asks for 160.
SECRET_BYTES = 20

#: A code of the half minute before or after will do too (RFC 6238 5.2): clocks differ, and typing takes time.
WINDOW = (-1, 0, 1)

#: Digits of the app's codes and of backup codes: nobody has to say which of the two was typed.
CODE_DIGITS, BACKUP_DIGITS = 6, 8

BACKUP_CODES = 8

#: Wrong codes of one account in a day, wherever they were typed. The wait after wrong passwords is not enough: whoever
#: reads the owner's mail could end it with a new password, again and again.
TRIES, WINDOW_MINUTES = 20, 24 * 60

#: Pixels of one square of the QR code.
SQUARE = 4


class SetUp(NamedTuple):
    """What an app has to be told: as a link, as a picture of it (an <svg> of lines alone), and as text to type."""

    link: str
    picture: str
    text: str


def is_on(account: Account) -> bool:
    """Whether signing in asks the account's owner for a code."""
    mine = (Authenticator.account == account) & Authenticator.confirmed_at.is_null(False)
    return bool(Authenticator.select().where(mine).exists())


def is_required(account: Account, settings: Settings) -> bool:
    """Whether the owner cannot do without: staff (X09), and guardians where the district says so."""
    return account.role == "staff" or (account.role == "guardian" and "authenticator" in settings.first_duties)


def codes_left(account: Account) -> int:
    """How many backup codes are still unused."""
    return int(BackupCode.select().where(BackupCode.account == account, BackupCode.used_at.is_null()).count())


def begin(account: Account) -> None:
    """Make a new secret, which waits for the first code of the app; one that waited before is void."""
    with database.atomic():
        Authenticator.delete().where(Authenticator.account == account, Authenticator.confirmed_at.is_null()).execute()
        Authenticator.insert(account=account, salt=secrets.token_hex(16)).on_conflict_ignore().execute()


def waiting(account: Account, settings: Settings) -> SetUp | None:
    """What the app has to be told, while its first code has not been given; None when nothing waits."""
    found = _unconfirmed(account)
    if found is None:
        return None
    secret = _secret(found, settings)
    link = pyotp.TOTP(secret).provisioning_uri(name=account.user_name, issuer_name=settings.district_name)
    picture = segno.make_qr(link, error="m").svg_inline(scale=SQUARE, light="#fff", svgclass=None, lineclass=None)
    return SetUp(link, picture, " ".join(textwrap.wrap(secret, 4)))


def confirm(account: Account, typed: str, *, compose: Compose, settings: Settings, now: dt.datetime) -> list[str]:
    """Turn the authenticator on with the app's first code, tell the owner, and return the backup codes.

    Raises FieldError when the code is wrong.
    """
    found = _unconfirmed(account)
    step = _step_of(found, _digits(typed), settings, now) if found is not None else None
    with database.atomic():
        if found is None or step is None or not _turn_on(found, step, now):
            raise FieldError("code", "code")
        _set_duty(account, False)
        AuditEvent.create(at=now, account=account, action="authenticator set up", details={})
        recovery.tell(account, "authenticator_on", compose=compose, settings=settings)
        return _replace_codes(account, settings)


def accepts(account: Account, typed: str, *, settings: Settings, now: dt.datetime) -> bool:
    """Whether this is the app's code of about now, or a backup code; a right one is used up. Guesses are limited."""
    limit = Limit("code", tries=TRIES, minutes=WINDOW_MINUTES, secret=settings.secret_key)
    allowed = limit.take(str(account.id), now)
    digits = _digits(typed)
    use = _use_step if len(digits) == CODE_DIGITS else _use_backup_code
    if not allowed or not use(account, digits, settings, now):
        return False
    limit.give_back(str(account.id))
    return True


def check(account: Account, typed: str, *, settings: Settings, now: dt.datetime) -> None:
    """Raise FieldError unless the code is accepted."""
    if not accepts(account, typed, settings=settings, now=now):
        raise FieldError("code", "code")


def renew_codes(account: Account, *, settings: Settings, now: dt.datetime) -> list[str]:
    """Replace the backup codes by new ones."""
    with database.atomic():
        AuditEvent.create(at=now, account=account, action="backup codes made", details={})
        return _replace_codes(account, settings)


def end(account: Account, *, by: str, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Turn the authenticator off and tell the owner, who has to set up another where one is required."""
    with database.atomic():
        forget(account)
        links.end_all(account, "second", "passkey", "new passkey", now=now)
        if is_required(account, settings):
            _set_duty(account, True)
        AuditEvent.create(at=now, account=account, action="authenticator ended", details={"by": by})
        recovery.tell(account, "authenticator_off", compose=compose, settings=settings)


def forget(account: Account) -> None:
    """Drop authenticator, backup codes and passkeys, in the caller's transaction."""
    for table in (Authenticator, BackupCode, Passkey):
        table.delete().where(table.account == account).execute()


def all_accounts() -> list[Account]:
    """Every account with an authenticator."""
    return list(Account.select().join(Authenticator).where(Authenticator.confirmed_at.is_null(False)))


def _unconfirmed(account: Account) -> Authenticator | None:
    mine = (Authenticator.account == account) & Authenticator.confirmed_at.is_null()
    found: Authenticator | None = Authenticator.get_or_none(mine)
    return found


def _turn_on(found: Authenticator, step: int, now: dt.datetime) -> bool:
    """Let it count from now on; False when another request was faster."""
    waits = (Authenticator.id == found.id) & Authenticator.confirmed_at.is_null()
    return bool(Authenticator.update(confirmed_at=now, last_step=step).where(waits).execute() == 1)


def _secret(of: Authenticator, settings: Settings) -> str:
    """The shared secret as apps take it: base 32 without padding."""
    key = bytes.fromhex(keyed_hash(settings.secret_key, "authenticator", of.salt))
    return base64.b32encode(key[:SECRET_BYTES]).decode()


def _step_of(of: Authenticator, digits: str, settings: Settings, now: dt.datetime) -> int | None:
    """The half minute, counted from 1970, that this is the code of, if it is one of those that count now."""
    app = pyotp.TOTP(_secret(of, settings), digits=CODE_DIGITS)
    moment = now.replace(tzinfo=dt.UTC)
    near = [offset for offset in WINDOW if hmac.compare_digest(app.at(moment, counter_offset=offset), digits)]
    return app.timecode(moment) + near[0] if near else None


def _use_step(account: Account, digits: str, settings: Settings, now: dt.datetime) -> bool:
    """Take the app's code, unless it, or a later one, was used already."""
    mine = (Authenticator.account == account) & Authenticator.confirmed_at.is_null(False)
    found = Authenticator.get_or_none(mine)
    step = _step_of(found, digits, settings, now) if found is not None else None
    if step is None:
        return False
    unused = Authenticator.last_step.is_null() | (Authenticator.last_step < step)
    return bool(Authenticator.update(last_step=step).where(mine, unused).execute() == 1)


def _use_backup_code(account: Account, digits: str, settings: Settings, now: dt.datetime) -> bool:
    """Take a backup code, unless it was used already."""
    code_hash = _code_hash(account, digits, settings)
    unused = (BackupCode.account == account) & (BackupCode.code_hash == code_hash) & BackupCode.used_at.is_null()
    return bool(BackupCode.update(used_at=now).where(unused).execute() == 1)


def _replace_codes(account: Account, settings: Settings) -> list[str]:
    """New backup codes, as they are to be printed, instead of all earlier ones."""
    # Drawn without putting back: no two are the same.
    drawn = secrets.SystemRandom().sample(range(10**BACKUP_DIGITS), BACKUP_CODES)
    codes = [f"{number:0{BACKUP_DIGITS}}" for number in drawn]
    BackupCode.delete().where(BackupCode.account == account).execute()
    for code in codes:
        BackupCode.create(account=account, code_hash=_code_hash(account, code, settings))
    return [f"{code[:4]} {code[4:]}" for code in codes]


def _code_hash(account: Account, digits: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, "backup code", f"{account.id} {digits}")


def _set_duty(account: Account, owed: bool) -> None:
    """Put the duty on the account, or take it off."""
    duties.change(account, without="authenticator", add=owed)


def _digits(typed: str) -> str:
    """The digits of what was typed: spaces do not count, and keyboards for Arabic write digits of their own."""
    return "".join(str(int(char)) for char in typed if char.isdecimal())
