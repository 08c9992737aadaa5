"""Catalogs: what is found wrong in a translation, what is left out of what readers see, which languages are offered."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po, write_po
from click.testing import CliRunner

from commands.locales import group
from config import LOCALES
from services import catalogs, pseudo
from services.catalog_checks import forms, is_harmless, limit, mistakes

HELLO, GRADE = "Hello %(name)s", ("%(num)s grade of %(name)s", "%(num)s grades of %(name)s")

#: English, translation, and what is wrong with it; "" for nothing.
ENTRIES = [
    ("Sign in", "Iniciar sesión", ""),
    ("Sign in", "<b>Iniciar</b>", "tag"),
    ("Sign in", "<script src=x></script>", "tag"),
    ("Sign in", '" onfocus="alert(1)" autofocus="', "tag"),
    ("Sign in", "Iniciar onclick=alert(1)", "tag"),
    ("Sign in", "x hx-get=/y", "tag"),
    ("Sign in", "style=position:fixed", "tag"),
    ("Sign in", "javascript:alert(1)", "tag"),
    ("Sign in", "JavaScript :alert(1)", "tag"),
    ("Sign in", "data:text/html;base64,AAAA", "tag"),
    ("Sign in", "Iniciar: https://evil.example", "tag"),
    ("Sign in", "Iniciar en evil.com", "tag"),
    ("Sign in", "Iniciar en www.evil", "tag"),
    ("Sign in", "&lt;b&gt;", "tag"),
    ("Sign in", "Iniciar\nBcc: everybody@example.com", "tag"),
    ("Sign in", "\u202eraiciniI", "tag"),
    ("Sign in", "\u2067Iniciar", "tag"),
    ("Sign in", "\u2067Iniciar\u2069", ""),
    ("Sign in", "{{ config }}", "tag"),
    ("Sign in", "Iniciar %s", "placeholder"),
    ("Sign in", "100 %", "placeholder"),
    ("An address like https://a.example", "Como https://a.example", ""),
    ("Choose \"Add\"", "Elija \"Agregar\"", ""),
    (HELLO, "Hola %(name)s", ""),
    (HELLO, "Hola", "placeholder"),
    (HELLO, "Hola %(name)s %(name)s", "placeholder"),
    (HELLO, "Hola %(name)d", "placeholder"),
    (HELLO, "Hola %(name)r", "placeholder"),
    (HELLO, "Hola %(password)s", "placeholder"),
    (HELLO, "Hola %(name)", "placeholder"),
    (HELLO, "Hola %(name)s 5%", "placeholder"),
    ("%(n)s%% done", "%(n)s%% hecho", ""),
    ("%(n)s%% done", "%(n)s% hecho", "placeholder"),
    (GRADE, ("una nota de %(name)s", "%(num)s notas de %(name)s"), ""),
    (GRADE, ("una nota", "%(num)s notas de %(name)s"), "placeholder"),
    (GRADE, ("%(num)s nota de %(name)s", "notas de %(name)s"), "placeholder"),
    (GRADE, ("%(num)s nota de %(name)s", ""), "plural"),
    (GRADE, ("%(num)s nota de %(name)s", "%(num)s notas de %(name)s", "%(num)s de %(name)s"), "plural"),
]  # fmt: skip
SPANISH = "nplurals=2; plural=(n != 1);"


@pytest.mark.parametrize(("source", "translation", "kind"), ENTRIES)
def test_what_is_wrong_with_a_translation_is_named(source: object, translation: object, kind: str) -> None:
    found = mistakes(Message(source, translation), 2)  # type: ignore[arg-type]
    assert {one.kind for one in found} == ({kind} if kind else set())


@pytest.mark.parametrize(("source", "translation", "kind"), [one for one in ENTRIES if isinstance(one[0], str)])
def test_what_is_shown_at_run_time_can_always_be_filled_in(source: str, translation: str, kind: str) -> None:
    harmless = is_harmless(source, translation)
    assert harmless or kind, "nothing is wrong with it"
    if harmless:
        assert "<" not in translation % {"name": "Ana", "n": 5} if "%" in translation else True


def test_all_six_forms_of_arabic_are_asked_for() -> None:
    six = Message(GRADE, ("%(num)s %(name)s",) * 6)
    assert mistakes(six, 6) == []
    assert [one.kind for one in mistakes(Message(GRADE, six.string[:5]), 6)] == ["plural"]


def test_a_comment_limits_the_length() -> None:
    entry = Message("Late", "Entregado con retraso", auto_comments=["a state: at most 20 characters"])
    assert [one.kind for one in mistakes(entry, 2)] == ["length"]
    entry.string = "Tarde"
    assert mistakes(entry, 2) == []
    template = read(LOCALES / "messages.pot")
    limits = {one.context or "text": limit(one) for one in template if limit(one)}
    assert limits["state of an assignment"] == 20 and limits["text"] == 240


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of catalogs with a template: ten sentences, two of them needed."""
    template = Catalog(charset="utf-8")
    for number in range(8):
        template.add(f"Sentence {number}")
    template.add("Password", auto_comments=[catalogs._NEEDED])
    template.add(GRADE, auto_comments=[catalogs._NEEDED])
    write(template, tmp_path / "messages.pot")
    return tmp_path


def read(path: Path) -> Catalog:
    with path.open(encoding="utf-8") as file:
        return read_po(file)


def write(catalog: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog)


def translate(
    folder: Path, language: str, *left_out: str, plural_rule: str = SPANISH, **changes: str
) -> catalogs.Checked:
    """Translate all but `left_out`, compile, and return what was found; `changes` are translations by first words."""
    template = read(folder / "messages.pot")
    catalog = Catalog(locale=language, charset="utf-8")
    catalog.mime_headers = [("Plural-Forms", plural_rule)]
    for message in template:
        source = forms(message.id)[0]
        if message.id and source not in left_out:
            text = changes.get(source.replace(" ", "_"), f"¡{source}!")
            catalog.add(message.id, text if isinstance(message.id, str) else tuple(f"¡{one}!" for one in message.id))
    write(catalog, folder / language / "LC_MESSAGES" / "messages.po")
    return {one.language: one for one in catalogs.compile_all(folder)}[language]


def test_a_whole_language_is_offered_and_one_below_four_fifths_as_partly_translated(folder: Path) -> None:
    assert translate(folder, "es").offer == "whole"
    assert translate(folder, "es", "Sentence 0", "Sentence 1").offer == "whole"
    assert translate(folder, "es", "Sentence 0", "Sentence 1", "Sentence 2").offer == "partly"
    assert catalogs.offered(folder) == {"es": "partly"}


def test_a_language_without_a_needed_sentence_is_not_offered_and_the_sentence_is_named(folder: Path) -> None:
    found = translate(folder, "es", "Password")
    assert (found.offer, found.lacking, found.mistakes[0].kind) == ("none", ("Password",), "stale")
    assert catalogs.offered(folder) == {}
    assert translate(folder, "es", Password="Clave <b>").lacking == ("Password",), "broken is as good as missing"


def test_a_rule_of_plurals_that_does_not_fit_shows_english_where_something_is_counted(folder: Path) -> None:
    for rule in ("nplurals=2; plural=n;", "nplurals=2; plural=(n/0);", "nplurals=4; plural=(n != 1);"):
        found = translate(folder, "es", plural_rule=rule)
        assert found.lacking == (GRADE[0],) and "plural" in {one.kind for one in found.mistakes}, rule
        assert GRADE[0].encode() not in (folder / "es" / "LC_MESSAGES" / "messages.mo").read_bytes()
    assert translate(folder, "es", plural_rule=SPANISH).mistakes == ()


def test_fuzzy_entries_are_counted_and_not_shown(folder: Path) -> None:
    translate(folder, "es")
    path = folder / "es" / "LC_MESSAGES" / "messages.po"
    path.write_text(path.read_text(encoding="utf-8").replace('msgid "Password"', '#, fuzzy\nmsgid "Password"'))
    (found,) = catalogs.compile_all(folder)
    assert (found.fuzzy, found.lacking, found.mistakes) == (1, ("Password",), ())


@pytest.mark.parametrize("content", [b"msgid no quotes", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named_and_keeps_no_other_language_away(folder: Path, content: bytes) -> None:
    translate(folder, "es")
    path = folder / "vi" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    spanish, broken = catalogs.compile_all(folder)
    assert (broken.language, broken.offer, [one.kind for one in broken.mistakes]) == ("vi", "none", ["file"])
    assert spanish.offer == "whole" and catalogs.offered(folder) == {"es": "whole"}
    assert not path.with_suffix(".mo").exists()


def test_the_command_reports_each_language_and_fails_on_mistakes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        catalogs.Checked("en", 10, 10),
        catalogs.Checked("es", 7, 10, fuzzy=2),
        translate(folder, "vi", *(f"Sentence {number}" for number in range(7)), Password="<b>"),
    ]
    monkeypatch.setattr(catalogs, "check", lambda: found[:2])
    fine = CliRunner().invoke(group, ["check"])
    assert fine.exit_code == 0 and "es: 7 of 10 sentences (70 %), 2 fuzzy, offered as partly translated" in fine.output
    monkeypatch.setattr(catalogs, "check", lambda: found)
    wrong = CliRunner().invoke(group, ["check"])
    assert wrong.exit_code == 1
    assert re.search(r"^vi: \d+ of 10 sentences .* not offered$", wrong.output, re.M)
    assert "needed before it is offered: 'Password'" in wrong.output
    assert "tag: 'Password': tags: '<b>'" in wrong.output


def test_what_signs_in_registers_and_recovers_is_needed_by_the_file_it_comes_from() -> None:
    template = read(LOCALES / "messages.pot")
    needed = {forms(one.id)[0] for one in template if catalogs._NEEDED in one.auto_comments}
    assert {"Password", "Forgotten password", "Create account", "Security questions", "Sign out"} <= needed
    assert not {"Honors", "Work orders", "Library"} & needed
    for name in catalogs._MUST_HAVE - {"base", "_error"}:
        root = LOCALES.parent
        assert (root / "templates" / name).is_dir() or (root / "views" / f"{name}.py").exists(), name


def test_the_settings_for_weblate_name_files_that_are_there() -> None:
    (component,) = json.loads((LOCALES / "weblate.json").read_text(encoding="utf-8"))
    root = LOCALES.parent
    assert (root / component["new_base"]).exists()
    found = {path.parent.parent.name for path in root.glob(component["filemask"])}
    assert found == set(catalogs.languages())


@pytest.mark.parametrize("language", pseudo.LANGUAGES)
def test_a_pseudo_language_has_every_sentence_and_passes_the_checks(language: str, tmp_path: Path) -> None:
    assert pseudo.make(root=tmp_path) == list(pseudo.LANGUAGES)
    assert (tmp_path / language / "LC_MESSAGES" / "messages.mo").exists()
    template = read(LOCALES / "messages.pot")
    for message in template:
        for source in forms(message.id) if message.id else []:
            text = pseudo.strange(source, language)
            assert is_harmless(source, text), source
            assert text.startswith("[") and text.endswith("]") and len(text) >= len(source) * 1.35


TOOLS = ("msgfmt", "pofilter")
#: What the outside tools see too: entries with tags, placeholders and plurals that are wrong.
SEEN_BY_OTHERS = [
    (HELLO, "Hola %(password)s", "msgfmt"),
    (HELLO, "Hola %(name)d", "msgfmt"),
    (HELLO, "Hola", "msgfmt"),
    ("Sign in", "<b>Iniciar</b>", "pofilter"),
    ("Sign in", "Iniciar  sesión ", "pofilter"),
    (GRADE, ("%(num)s nota de %(name)s",), "msgfmt"),
]


@pytest.mark.parametrize(("source", "translation", "tool"), SEEN_BY_OTHERS)
def test_msgfmt_and_pofilter_agree_on_what_is_wrong(tmp_path: Path, source: str, translation: str, tool: str) -> None:
    for translated, is_right in ((translation, False), (source, True)):
        catalog = Catalog(locale="es", charset="utf-8", project="x", version="1", fuzzy=False)
        catalog.mime_headers = [("Plural-Forms", SPANISH)]
        catalog.add(source, translated)
        write(catalog, path := tmp_path / "es" / "LC_MESSAGES" / "messages.po")
        script = Path(__file__).parent.parent / "catalogs.sh"
        ran = subprocess.run(["sh", str(script), str(path)], capture_output=True, text=True, check=False)
        assert (ran.returncode == 0) == is_right, ran.stdout + ran.stderr
        assert is_right or tool in ran.stdout + ran.stderr
        if "  " not in translated:
            assert (mistakes(Message(source, translated), 2) == []) == is_right
    assert all(shutil.which(one) or one == "pofilter" for one in TOOLS)
