"""Hashes that other programs made, from their own documentation and tests: the password opens, nothing else does."""

from __future__ import annotations

import re
import time

import pytest
from argon2.low_level import Type, hash_secret
from werkzeug.security import generate_password_hash

from services import former_hashes
from services.former_hashes import UnknownHash
from services.hashing import Passwords

HASHES = {
    "bcrypt 2a, crypt_blowfish": ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "bcrypt 2b": ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "bcrypt 2y, PHP": ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "bcrypt, Django": ("U*U", "bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "PBKDF2, Django": ("lètmein", "pbkdf2_sha256$12000$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s="),
    "PBKDF2 SHA-1, Django": ("lètmein", "pbkdf2_sha1$30000$seasalt2$pMzU1zNPcydf6wjnJFbiVKwgULc="),
    "PBKDF2, passlib": (
        "password", "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
    ),
    "PBKDF2, Werkzeug": ("letmein", generate_password_hash("letmein", "pbkdf2:sha256:1000")),
    "PBKDF2 SHA-512, Werkzeug": ("letmein", generate_password_hash("letmein", "pbkdf2:sha512:1000")),
    "scrypt, Werkzeug": ("letmein", generate_password_hash("letmein", "scrypt:1024:8:1")),
    "scrypt, Django": (
        "lètmein",
        "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/"
        "Pw==",
    ),
    "scrypt, RFC 7914 in PHC": (
        "password",
        "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvf"
        "oswGQA",
    ),
    "Argon2i, Django": (
        "secret", "argon2" + hash_secret(b"secret", b"somesalt", 1, 8, 1, 16, Type.I).decode(),
    ),
    "Argon2id, the reference's command": (
        "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ),
}  # fmt: skip

BCRYPT_SALT = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"


@pytest.fixture(scope="module")
def ours() -> Passwords:
    return Passwords(memory=8, passes=1)


@pytest.mark.parametrize("made_by", HASHES)
def test_the_right_password_opens_and_a_wrong_one_does_not(made_by: str, ours: Passwords) -> None:
    password, encoded = HASHES[made_by]
    stored = former_hashes.to_store(encoded)
    assert former_hashes.is_former(stored)
    assert ours.verify(stored, password)
    assert not ours.verify(stored, password + "x")
    assert not ours.verify(stored, "")
    assert ours.outdated(stored), "a right sign-in makes it anew"
    assert former_hashes.to_store(stored) == stored


@pytest.mark.parametrize("made_by", HASHES)
def test_a_specimen_asks_for_the_same_work_and_opens_with_nothing(made_by: str, ours: Passwords) -> None:
    password, encoded = HASHES[made_by]
    stored = former_hashes.to_store(encoded)
    specimen = former_hashes.specimen(stored)
    assert former_hashes.specimen(specimen) == specimen == former_hashes.to_store(specimen)
    same = [
        match for match, _ in former_hashes._FORMATS if re.fullmatch(match, stored) and re.fullmatch(match, specimen)
    ]
    assert len(same) == 1
    kept = [
        {name: text for name, text in re.fullmatch(same[0], one).groupdict().items() if name not in ("salt", "hashed")}
        for one in (stored, specimen)
    ]
    assert kept[0] == kept[1]
    assert re.fullmatch(same[0], stored)["hashed"] not in specimen
    assert not ours.verify(specimen, password)


def test_every_answer_does_the_work_of_every_format_in_use(monkeypatch: pytest.MonkeyPatch, ours: Passwords) -> None:
    stored = {name: former_hashes.to_store(HASHES[name][1]) for name in ("bcrypt 2b", "PBKDF2, Django")}
    specimens = [former_hashes.specimen(encoded) for encoded in stored.values()]
    done: list[str] = []
    check, made = former_hashes.verify, ours._made
    monkeypatch.setattr(
        former_hashes, "verify", lambda one, typed: (done.append(former_hashes.specimen(one)), check(one, typed))[1]
    )
    monkeypatch.setattr(ours, "_made", lambda one, typed: (done.append("ours"), made(one, typed))[1])
    of_people = [None, ours.hash("letmein"), *stored.values()]
    for encoded in of_people:
        done.clear()
        assert not ours.verify(encoded, "wrong", specimens=specimens)
        assert sorted(done) == sorted(["ours", *specimens])
    assert [ours.verify(one, "U*U", specimens=specimens) for one in of_people] == [False, False, True, False]


def test_our_own_hashes_are_not_taken_for_former_ones(ours: Passwords) -> None:
    encoded = ours.hash("letmein")
    assert not former_hashes.is_former(encoded)
    assert not ours.outdated(encoded)
    assert ours.verify(encoded, "letmein")


def test_characters_may_be_typed_in_either_form(ours: Passwords) -> None:
    _, encoded = HASHES["PBKDF2, Django"]
    assert ours.verify(encoded, "le\u0300tmein"), "e and its accent, as some keyboards send it"


def test_bcrypt_goes_on_looking_at_72_bytes_only(ours: Passwords) -> None:
    stored = former_hashes.to_store("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui")
    first_72 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    assert ours.verify(stored, first_72 + "chars after 72 are ignored")
    assert not ours.verify(stored, first_72[:-1])
    assert not ours.verify(stored, "x" * 60_000)


@pytest.mark.parametrize(
    "encoded",
    [
        "", "letmein", "5f4dcc3b5aa765d61d8327deb882cf99", "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr",
        "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3", "$1$Etg2ExUZ$F9NTP7omafhKIlqaBMqng1", "!", "$argon2id$", "\0",
        f"$2x$05${BCRYPT_SALT}", f"$2b$03${BCRYPT_SALT}", f"$2b$05${BCRYPT_SALT}\n$2b", f"$2b$05${BCRYPT_SALT[:-1]}",
        "$2b$05$" + BCRYPT_SALT.replace(".", "P", 1),
        "pbkdf2_sha256$0$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
        "pbkdf2_sha256$12000$seasalt$", "pbkdf2_sha256$12000$seasalt$Ybw8", "pbkdf2_sha256$12000$seasalt$Ybw8z_xq",
        "pbkdf2_md5$12000$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
        "pbkdf2:sha256:1000$salt$abc", "scrypt:1000:8:1$salt$" + "ab" * 64, "scrypt:1024:8:1$salt$" + "ab" * 3,
        "pbkdf2:sha256:1000$" + "s" * 300 + "$" + "ab" * 32,
    ],
)  # fmt: skip
def test_other_formats_are_refused_at_import_and_never_right(encoded: str, ours: Passwords) -> None:
    with pytest.raises(UnknownHash):
        former_hashes.to_store(encoded)
    assert not ours.verify(encoded, "letmein")
    assert not ours.verify(encoded, "")


@pytest.mark.parametrize(
    "encoded",
    [
        f"$2b$31${BCRYPT_SALT}",
        "pbkdf2_sha256$900000000$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
        "$pbkdf2-sha512$99999999$0ZrzXitFSGltTQnBWOsdAw$" + "A" * 86,
        "pbkdf2:sha256:99999999$salt$" + "ab" * 32,
        "scrypt:1048576:8:1$salt$" + "ab" * 64, "scrypt:1024:8:999999$salt$" + "ab" * 64,
        "scrypt:2:999999999:1$salt$" + "ab" * 64, "$scrypt$ln=30,r=8,p=1$TmFDbA$" + "A" * 43,
        "$scrypt$ln=999999999,r=8,p=1$TmFDbA$" + "A" * 43,
        "argon2$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$" + "A" * 43,
        "$argon2id$v=19$m=65536,t=10000,p=1$c29tZXNhbHQ$" + "A" * 43,
        "$argon2id$v=19$m=65536,t=1,p=10000$c29tZXNhbHQ$" + "A" * 43,
    ],
)  # fmt: skip
def test_a_hash_that_wants_too_much_work_is_refused_and_costs_nothing(encoded: str, ours: Passwords) -> None:
    with pytest.raises(UnknownHash, match="more work"):
        former_hashes.to_store(encoded)
    begun = time.monotonic()
    # As if it had come into the database by another way.
    assert not former_hashes.verify(encoded, "letmein")
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize(
    "encoded",
    [
        "pbkdf2_sha256$1200000$seasalt$Ybw8zsFxqja97tY/o6G+Fy1ksY4U/Hw3DRrGED6Up4s=",
        f"$2b$12${BCRYPT_SALT}",
        "scrypt:32768:8:1$salt$" + "ab" * 64,
        "$scrypt$ln=17,r=8,p=1$TmFDbA$" + "A" * 43,
        "scrypt$16384$seasalt$8$5$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/"
        "Pw==",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$" + "A" * 43,
    ],
)
def test_what_django_werkzeug_and_owasp_advise_today_is_taken(encoded: str) -> None:
    assert former_hashes.to_store(encoded) == encoded
