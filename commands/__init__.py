"""What operators type: `flask …` commands, one module a noun. They parse, call a service and say what came of it."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask


def init_app(app: Flask) -> None:
    """Give `app` every command of this package: each module names its own in `COMMANDS`."""
    for module in pkgutil.iter_modules(__path__):
        for command in importlib.import_module(f"{__name__}.{module.name}").COMMANDS:
            app.cli.add_command(command)
