"""`flask agreement publish`."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from models import Agreement


def test_a_version_is_published_from_files_in_several_languages(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("Keep your password to yourself.\n")
    (tmp_path / "es.txt").write_text("No comparta su contraseña.\n", encoding="utf-8")
    texts = [f"--text={language}={tmp_path}/{language}.txt" for language in ("en", "es")]
    said = app.test_cli_runner().invoke(args=["agreement", "publish", *texts])
    assert said.exit_code == 0, said.output
    assert "published in en, es" in said.output
    assert Agreement.get().texts == {"en": "Keep your password to yourself.", "es": "No comparta su contraseña."}


@pytest.mark.parametrize("text", ["no language", "en=/nonexistent", "=x", "en={empty}", "en={binary}"])
def test_what_cannot_be_published_is_refused_in_one_line(app: Flask, tmp_path: Path, text: str) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    text = text.format(empty=tmp_path / "empty", binary=tmp_path / "binary")
    said = app.test_cli_runner().invoke(args=["agreement", "publish", f"--text={text}"])
    assert said.exit_code != 0
    assert "Traceback" not in said.output
    assert Agreement.select().count() == 0
