"""Dependencies point one way: app → views and commands → services → models (DESIGN of the layers, held by reading)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: What each layer may not know.
FORBIDDEN = {
    "models.py": {"app", "views", "commands", "services", "config", "flask"},
    "config.py": {"app", "views", "commands", "services", "models", "flask"},
    "services": {"app", "views", "commands", "flask", "flask_login", "flask_wtf", "flask_babel", "wtforms"},
    "views": {"app", "commands"},
    "commands": {"app", "views"},
}


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_a_layer_knows_only_those_below_it(layer: str) -> None:
    for path in sources(layer):
        wrong = set(imports(path)) & FORBIDDEN[layer]
        assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def test_migrations_know_nothing_of_todays_models() -> None:
    for path in sources("migrations"):
        assert set(imports(path)) <= {"peewee", "datetime", "json"}, path.name


def sources(layer: str) -> list[Path]:
    """The Python files of a layer."""
    path = ROOT / layer
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The top-level names that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]
