"""Browsers of the terminal, driven as a person drives them: keys go in through a pseudo-terminal, text comes out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import termios
import time
from pathlib import Path

#: A screen on which every page of the tests fits whole.
ROWS, COLUMNS = 160, 100
#: Seconds until what was asked for must be on the screen.
PATIENCE = 30
#: Labels of fields of several lines.
SEVERAL_LINES = ("Your message",)
#: What a terminal gets: a command (its values, its letter), something else that is no text, or a character.
_PIECES = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b[()].|\x1b.|([^\x1b])", re.DOTALL)


class Terminal:
    """A program on a terminal of its own, with a home folder of its own."""

    def __init__(self, *command: str, home: Path, **environment: str) -> None:
        assert shutil.which(command[0]), f"{command[0]} is missing: sh tests/install.sh"
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        self._process, self._keys = pty.fork()
        if self._process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            settings = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "vt100", "LC_ALL": "C.UTF-8"}
            os.execvpe(command[0], command, {**settings, **environment})  # noqa: S606
        self._rows = [[" "] * COLUMNS for _ in range(ROWS)]
        self._row = self._column = 0

    def type(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._keys, keys.encode())

    def read(self, seconds: float = 0.1) -> str:
        """Look at the screen, after what arrives meanwhile."""
        while select.select([self._keys], [], [], seconds)[0]:
            try:
                self._paint(os.read(self._keys, 65536).decode(errors="replace"))
            except OSError:
                break
        return "\n".join(filter(None, ("".join(row).rstrip() for row in self._rows)))

    def close(self) -> None:
        """End the program."""
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._keys)

    def _paint(self, text: str) -> None:
        for values, letter, character in _PIECES.findall(text):
            if letter == "H":
                row, _, column = values.partition(";")
                self._row, self._column = int(row or 1) - 1, int(column or 1) - 1
            elif letter == "J":
                self._rows = [[" "] * COLUMNS for _ in range(ROWS)]
            elif character == "\n":
                self._row += 1
            elif character == "\r":
                self._column = 0
            elif character >= " ":
                if self._row < ROWS and self._column < COLUMNS:
                    self._rows[self._row][self._column] = character
                self._column += 1


class Links:
    """links2, which writes a number in front of every link, field and button."""

    def __init__(self, address: str, home: Path) -> None:
        # Without this file it greets its reader first.
        (home / ".links2").mkdir()
        (home / ".links2" / "links.cfg").touch()
        self._terminal = Terminal("links2", "-html-numbered-links", "1", address, home=home)

    def see(self, text: str) -> str:
        """Wait until `text` is on the screen; the screen."""
        until = time.monotonic() + PATIENCE
        screen = self._terminal.read()
        while text not in screen and time.monotonic() < until:
            screen = self._terminal.read()
        assert text in screen, screen.strip()
        return screen

    def fill(self, button: str, **values: str) -> None:
        """Type into fields that follow each other, each named by its label, and press the button after them."""
        self._choose(rf"{next(iter(values))}[^[]*\[(\d+)\]")
        for value in values.values():
            self._terminal.type(f"{value}\x1b[B")
        self._terminal.type("\r")

    def press(self, label: str) -> None:
        """Follow the link, or press the button, that reads `label`."""
        self._choose(rf"\[(\d+)\]{re.escape(label)}")

    def close(self) -> None:
        """End it."""
        self._terminal.close()

    def _choose(self, pattern: str) -> None:
        """Move to the field, or follow the link, whose number the pattern finds."""
        found = re.search(pattern, self._terminal.read())
        assert found, self._terminal.read()
        self._terminal.type(found[1])
        self.see("Enter link number")
        self._terminal.type("\r")
        until = time.monotonic() + PATIENCE
        while "Enter link number" in self._terminal.read() and time.monotonic() < until:
            pass


class W3m:
    """w3m, which is told its own commands and writes what it shows into a file."""

    def __init__(self, address: str, home: Path) -> None:
        self._home, self._shown = home, 0
        self._typed = home / "typed.txt"
        editor = home / "editor.sh"
        editor.write_text(f'#!/bin/sh\ncp "{self._typed}" "$1"\n', encoding="utf-8")
        editor.chmod(0o700)
        options = (
            "use_cookie=1",
            "accept_cookie=1",
            "color=0",
            "display_image=0",
            "accept_language=en",
            f"editor={editor}",
        )
        command = ("w3m", "-no-mouse", *(word for option in options for word in ("-o", option)), address)
        self._terminal = Terminal(*command, home=home)

    def see(self, text: str) -> str:
        """Wait until the page has `text` in it; what the page says."""
        until, shown = time.monotonic() + PATIENCE, ""
        while text not in shown and time.monotonic() < until:
            # Keys that come while a page loads are lost, and so the command is given anew.
            self._shown += 1
            file = self._home / f"shown{self._shown}.txt"
            self._command(f"PRINT {file}")
            self._terminal.read(0.3)
            shown = file.read_text(encoding="utf-8") if file.exists() else ""
        assert text in shown, shown or self._terminal.read()
        return shown

    def fill(self, button: str, **values: str) -> None:
        """Type into fields that follow each other, each named by its label, and press the button after them."""
        for label, value in values.items():
            self._typed.write_text(value, encoding="utf-8")
            for command in ("BEGIN", f"SEARCH ^{label}", "NEXT_LINK", "GOTO_LINK"):
                self._command(command)
            # For a field of several lines it calls an editor instead.
            if label not in SEVERAL_LINES:
                self._terminal.type(f"{value}\r")
        for command in (f"SEARCH ^{button}$", "GOTO_LINK"):
            self._command(command)

    def press(self, label: str) -> None:
        """Follow the link, or press the button, that reads `label`."""
        for command in ("BEGIN", f"SEARCH {label}", "GOTO_LINK"):
            self._command(command)

    def close(self) -> None:
        """End it."""
        self._terminal.close()

    def _command(self, command: str) -> None:
        self._terminal.type(f"\x1bc{command}\r")
        self._terminal.read(0.02)
