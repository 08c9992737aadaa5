"""How people and schools are reached: addresses, telephones, e-mail addresses, the language to write in."""

from __future__ import annotations

from collections.abc import Mapping

import models as m
from services.feeds.files import FILES
from services.feeds.landing import After, Landing, Owner

_MAILS, _LANGUAGES, _ORG_CONTACTS = FILES["electronicMails"], FILES["userLanguages"], FILES["orgContacts"]

_LANGUAGE = {"language": "languageDescriptor"}
_OTHER_EMAIL = {"other_email": "electronicMailAddress"}
_ORG_CONTACT = {
    "street": "streetNumberName", "city": "city", "state": "stateAbbreviationDescriptor", "postal_code": "postalCode",
    "phone": "telephoneNumber", "web_site": "webSite",
}  # fmt: skip


def _languages(after: After) -> str:
    order = f"{_blank_last('language')}, use"
    return _best("userLanguages", "person", after("guardian", "sourced_id"), _LANGUAGE, order)


def _other_emails(after: After) -> str:
    order = f"{_blank_last('other_email')}, COALESCE(is_primary, FALSE) DESC, kind"
    return _best("electronicMails", "person", after("guardian", "sourced_id"), _OTHER_EMAIL, order)


def _org_contacts(after: After) -> str:
    order = f"{_blank_last('phone')}, phone_type"
    return _best("orgContacts", "org", after("orgs", "sourced_id"), _ORG_CONTACT, order)


def _best(name: str, of: str, those: str, columns: Mapping[str, str], order: str) -> str:
    """Of a file's rows for each of `those`, the first in this order; rows that have ended come last."""
    return f"""
        SELECT n, row_state, {of} AS sourced_id, {", ".join(columns)} FROM (
            SELECT f.*, ROW_NUMBER() OVER (PARTITION BY {of} ORDER BY row_state DESC, {order}, n) AS place
            FROM {FILES[name].table} f
        ) ranked WHERE place = 1 AND {of} IN ({those})"""


def _blank_last(column: str) -> str:
    return f"CASE WHEN {column} IS NULL THEN 1 ELSE 0 END"


def _of_people(name: str, model: type[m.Table]) -> Landing:
    """The landing of a file with rows of guardians and students; those of other people come to nothing."""
    file = FILES[name]
    headers = {column.name: column.header for column in file.cells if column.name != "person"}

    def select(after: After) -> str:
        return f"""
            SELECT * FROM (
                SELECT n, row_state, {", ".join(headers)},
                    CASE WHEN person IN ({after("guardian", "sourced_id")}) THEN person END AS guardian,
                    CASE WHEN person IN ({after("student", "sourced_id")}) THEN person END AS student
                FROM {file.table}
            ) people WHERE guardian IS NOT NULL OR student IS NOT NULL"""

    return Landing(
        name, model, {**headers, "guardian": "userSourcedId", "student": "userSourcedId"},
        reads=(name,), owners=(Owner(file, (("sourced_id", "sourced_id"),)),), select=select,
    )  # fmt: skip


CONTACTS = (
    Landing(
        "language", m.Guardian, {"sourced_id": "userSourcedId", **_LANGUAGE},
        reads=(_LANGUAGES.name,), owners=(Owner(_LANGUAGES, (("person", "sourced_id"),)),), select=_languages,
        patch=True,
    ),
    # A delta that ends the row of another address or telephone leaves the one that was chosen.
    Landing(
        "other_email", m.Guardian, {"sourced_id": "userSourcedId", **_OTHER_EMAIL},
        reads=(_MAILS.name,), select=_other_emails, patch=True,
        owners=(Owner(
            _MAILS, (("person", "sourced_id"),), where="(o.other_email IS NULL OR o.other_email = live.other_email)",
        ),),
    ),
    Landing(
        "org_contacts", m.School, {"sourced_id": "orgSourcedId", **_ORG_CONTACT},
        reads=(_ORG_CONTACTS.name,), select=_org_contacts, patch=True,
        owners=(Owner(_ORG_CONTACTS, (("org", "sourced_id"),), where="(o.phone IS NULL OR o.phone = live.phone)"),),
    ),
    _of_people("addresses", m.Address),
    _of_people("telephones", m.Telephone),
)  # fmt: skip
