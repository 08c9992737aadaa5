"""Whether the time of an answer tells two cases apart: distributions compared, in turns, on the machine as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from statistics import median
from time import perf_counter

from flask.testing import FlaskClient


def answers_alike(ask: Callable[[str], tuple[int, str]], names: tuple[str, ...], rounds: int = 33) -> None:
    """Fail unless `ask` answers the same for every name, in the same time within noise (CHECKS 12).

    The names take turns; a name in the answer does not count as a difference. The first rounds warm up.
    """
    times: dict[str, list[float]] = {name: [] for name in names}
    answers = set()
    for name in names * rounds:
        begun = perf_counter()
        status, page = ask(name)
        times[name].append(perf_counter() - begun)
        answers.add((status, page.replace(name, "—")))
    assert len(answers) == 1
    taken = {name: sorted(some[3:]) for name, some in times.items()}
    spread = sum(some[len(some) * 3 // 4] - some[len(some) // 4] for some in taken.values())
    medians = {name: median(some) for name, some in taken.items()}
    noise = max(0.2 * min(medians.values()), 2 * spread, 0.003)
    assert max(medians.values()) - min(medians.values()) < noise, medians


def post(visitor: FlaskClient, path: str, **values: str) -> tuple[int, str]:
    """Send a form as it stands; status and page, without the token that is another in each."""
    page = visitor.get(path).get_data(as_text=True)
    values["csrf_token"] = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = visitor.post(path, data=values)
    return answer.status_code, re.sub(r'"csrf_token"[^>]*>', "", answer.get_data(as_text=True))
