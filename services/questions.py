"""Security questions, in presets that ask for them (D03, S03): answers are hashed like passwords and never shown.

They are weaker than a mailed link, and SP 800-63B no longer counts them as proof; here they only stand beside a mailed
link, or, for students without an address, alone and limited to few tries (CHECKS 14, DECISIONS 20).
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping

from config import Settings
from models import Account, SecurityAnswer, database
from services import duties
from services.hashing import keyed_hash
from services.passwords import Complaints, FieldError, hasher
from services.throttle import Limit

#: What can be asked; `views.words` has the sentences.
QUESTIONS = ("pet", "street", "teacher", "friend", "book", "food", "place", "song", "game", "hero")

#: So many questions are chosen and answered: exactly three (S03).
HOW_MANY = 3

TRIES, WINDOW_MINUTES = 5, 24 * 60


class WrongAnswers(Exception):
    """The answers are not those that were given."""


class TooManyAnswers(WrongAnswers):
    """There were too many wrong tries today: the school has to help, or a day has to pass."""


def checked(typed: Mapping[str, str], *, settings: Settings) -> list[tuple[str, str]]:
    """Question and hashed answer, three times.

    Raises FieldErrors: `question…` unknown or twice, `answer…` short, or same when all three are one.
    """
    chosen: list[tuple[str, str]] = []
    complaints = Complaints()
    for number in range(1, HOW_MANY + 1):
        question, answer = typed.get(f"question{number}", ""), _plain(typed.get(f"answer{number}", ""))
        with complaints:
            if question not in QUESTIONS:
                raise FieldError(f"question{number}", "unknown")
            if question in [earlier for earlier, _ in chosen]:
                raise FieldError(f"question{number}", "twice")
        with complaints:
            if not _is_word(answer):
                raise FieldError(f"answer{number}", "short")
            if number == HOW_MANY and {earlier for _, earlier in chosen} == {answer}:
                raise FieldError(f"answer{number}", "same")
        chosen.append((question, answer))
    complaints.raise_any()
    hashes = hasher(settings)
    return [(question, hashes.hash(answer)) for question, answer in chosen]


def replace_hashed(account: Account, answers: list[tuple[str, str]]) -> None:
    """Make these the questions and hashed answers of `account`, in the caller's transaction."""
    forget(account)
    for question, answer_hash in answers:
        SecurityAnswer.create(account=account, question=question, answer_hash=answer_hash)


def forget(account: Account) -> None:
    """Drop the questions and answers of `account`, in the caller's transaction."""
    SecurityAnswer.delete().where(SecurityAnswer.account == account).execute()


def has_any(account: Account) -> bool:
    """Whether the account has security questions."""
    return bool(SecurityAnswer.select().where(SecurityAnswer.account == account).exists())


def asked(account: Account | None, user_name: str, settings: Settings) -> list[str]:
    """The questions to ask; for an account that is not there, made-up ones that stay the same (DECISIONS 22)."""
    own = [
        row.question
        for row in SecurityAnswer.select().where(SecurityAnswer.account == account).order_by(SecurityAnswer.id)
    ]
    if own:
        return own
    order = sorted(QUESTIONS, key=lambda question: keyed_hash(settings.secret_key, f"question {question}", user_name))
    return order[:HOW_MANY]


def check_answered(asked: list[str], typed: Mapping[str, str]) -> None:
    """Raise FieldErrors for the questions without an answer: an empty form is no try."""
    complaints = Complaints()
    for question in asked:
        with complaints:
            if not _plain(typed.get(question, "")):
                raise FieldError(question, "unanswered")
    complaints.raise_any()


def verify(
    account: Account | None, typed: Mapping[str, str], *, user_name: str = "", settings: Settings, now: dt.datetime
) -> None:
    """Raise WrongAnswers unless every answer is right; five tries a day for each account, counted first.

    For a `user_name` without an account they are counted all the same; what comes after them is TooManyAnswers.
    """
    limit = Limit("questions", tries=TRIES, minutes=WINDOW_MINUTES, secret=settings.secret_key)
    subject = str(account.id) if account is not None else f"nobody {user_name}"
    allowed = limit.take(subject, now)
    stored = {row.question: row.answer_hash for row in SecurityAnswer.select().where(SecurityAnswer.account == account)}
    hashes = hasher(settings)
    encoded = [*stored.values(), *([None] * HOW_MANY)][:HOW_MANY]
    names = [*stored, *QUESTIONS][:HOW_MANY]
    right = [hashes.verify(one, _plain(typed.get(name, ""))) for name, one in zip(names, encoded, strict=True)]
    if not allowed:
        raise TooManyAnswers
    if account is None or len(stored) != HOW_MANY or not all(right):
        raise WrongAnswers
    limit.give_back(subject)


def set_for(account: Account, typed: Mapping[str, str], *, settings: Settings) -> None:
    """Replace the questions and answers of somebody who is signed in. Raises FieldError."""
    answers = checked(typed, settings=settings)
    with database.atomic():
        replace_hashed(account, answers)
        duties.done(account, "questions")


def _is_word(answer: str) -> bool:
    """Two letters or digits, or one where the script may write a word with it: 李 is a name, x is none."""
    letters = [char for char in answer if unicodedata.category(char)[0] in "LN"]
    return len(letters) >= 2 or any(
        "LATIN" not in unicodedata.name(char, "LATIN") for char in letters if char.isalpha()
    )


def _plain(answer: str) -> str:
    """An answer as it is compared: case, accents' spelling and spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", answer).casefold().split())
