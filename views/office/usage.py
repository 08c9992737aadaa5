"""How the portal is used: who has an account, and how often families sign in."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import formats
from services.office import claims, usage
from services.office.usage import Week
from views import fragments
from views.access import settings, today
from views.office.claims import group_name
from views.office.gate import blueprint, needs, office

#: The chart's height, and the width of a week with its gap.
_HEIGHT, _STEP, _BAR = 96, 40, 28


class Bar(NamedTuple):
    """One week's bar of the chart."""

    x: int
    y: int
    height: int


@blueprint.get("/usage", endpoint="usage")
@needs("district")
def page() -> Response:
    """Guardians with and without an account by school and language, and sign-ins by week."""
    locale = str(get_locale())
    people, without = claims.total(office(), "languages")
    weeks = usage.weeks(today(), settings().time_zone)
    return fragments.render(
        "office/_usage.html",
        title=_("Usage"),
        people=people,
        having=people - without,
        rows=[
            (one.school, group_name("languages", one.group), one.people - one.without, one.without)
            for one in claims.counts(office(), "languages")
        ],
        weeks=[(formats.day(one.begins, locale), one) for one in weeks],
        bars=_bars(weeks),
        width=_STEP * len(weeks),
        bar_width=_BAR,
        height=_HEIGHT,
    )


def _bars(weeks: list[Week]) -> list[Bar]:
    """A bar for each week, the highest as high as the chart; a week with any sign-in has a bar that is seen."""
    most = max((one.guardians + one.students for one in weeks), default=0)
    found = []
    for place, one in enumerate(weeks):
        signed_in = one.guardians + one.students
        height = max(round(_HEIGHT * signed_in / most), 2) if signed_in else 0
        found.append(Bar(_STEP * place + (_STEP - _BAR) // 2, _HEIGHT - height, height))
    return found
