"""Contenders in turns, timed by the processor and by the clock, and compared as ratios within each round.

The machine may be busy with other things. Contenders therefore take turns in short rounds, a ratio is always one of
the same round, and what is reported is the median of these ratios with the range that the middle half of them spans.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds that something took: of this process on a processor, and on the clock."""

    cpu: float
    wall: float


class Ratio(NamedTuple):
    """How many times as much as the reference: the median over all rounds, and the quartiles."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def timed(work: Callable[[], object]) -> Cost:
    """What `work` takes, once."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall)


def in_turns(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Cost]]:
    """Let each contender do its work once a round; who begins changes, so that nobody always follows the same one."""
    names = list(contenders)
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            costs[name].append(timed(contenders[name]))
    return costs


def cpu(costs: Sequence[Cost]) -> list[float]:
    """Processor seconds, round by round."""
    return [cost.cpu for cost in costs]


def wall(costs: Sequence[Cost]) -> list[float]:
    """Clock seconds, round by round."""
    return [cost.wall for cost in costs]


def ratio(of: Sequence[float], to: Sequence[float]) -> Ratio:
    """The ratio of two contenders, from what each took in the same rounds."""
    ratios = [mine / reference for mine, reference in zip(of, to, strict=True)]
    if len(ratios) < 2:
        return Ratio(ratios[0], ratios[0], ratios[0])
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Ratio(median, low, high)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; all columns but the first are aligned to the right."""
    lines = [headings, ["---", *("---:" for _ in headings[1:])], *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
