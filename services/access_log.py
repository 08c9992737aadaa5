"""gunicorn's access log without what must not be in a log: query strings and the secrets in links (CHECKS 24, 30)."""

from __future__ import annotations

import re
from typing import Any

from gunicorn.glogging import Logger

FORMAT = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(L)ss'

#: Reset links, calendar addresses and the like are long runs of these; ids and file names are shorter or have dots.
_SECRET = re.compile(r"[A-Za-z0-9_%-]{20,}")


class AccessLog(Logger):
    """The logger that `flask serve` starts gunicorn with."""

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
        """The values of one line; the path as it came over the wire, because a decoded one could break the line."""
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        path = str(environ.get("RAW_URI", "")).partition("?")[0]
        atoms["U"] = _SECRET.sub("[secret]", path)
        return atoms
