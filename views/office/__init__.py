"""The office: what registrars, secretaries, counselors, teachers and admins do, a module for each desk."""

from __future__ import annotations

from views.office import accounts, eighteen, home, notices, people, rights, sign_in, why, work_orders
from views.office.gate import blueprint

__all__ = [
    "accounts",
    "blueprint",
    "eighteen",
    "home",
    "notices",
    "people",
    "rights",
    "sign_in",
    "why",
    "work_orders",
]
