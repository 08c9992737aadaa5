"""One student's record for those who may see it: a module for each group of tabs, and the frame around them all."""

from __future__ import annotations

from views.students import (
    attendance,
    behavior,
    belongings,
    calendar,
    grades,
    history,
    overview,
    programs,
    reports,
    schedule,
    tests,
)
from views.students.frame import blueprint

__all__ = [
    "attendance",
    "behavior",
    "belongings",
    "blueprint",
    "calendar",
    "grades",
    "history",
    "overview",
    "programs",
    "reports",
    "schedule",
    "tests",
]
