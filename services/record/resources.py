"""What a student learns with: the resources of the classes and their courses (S01, OneRoster `resource`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from models import CourseResource, Resource, Section, SectionResource
from services.prepared import Prepared

_OF_SECTIONS = Prepared(
    lambda sections: SectionResource.select(
        SectionResource.section, SectionResource.title, Resource.id, Resource.title, Resource.vendor_resource_id,
        Resource.roles, Resource.importance,
    )
    .join(Resource)
    .where(SectionResource.section.in_(sections))
    .tuples()
)  # fmt: skip
_OF_COURSES = Prepared(
    lambda sections: CourseResource.select(
        Section.id, CourseResource.title, Resource.id, Resource.title, Resource.vendor_resource_id, Resource.roles,
        Resource.importance,
    )
    .join(Section, on=(Section.course == CourseResource.course))
    .switch(CourseResource)
    .join(Resource)
    .where(Section.id.in_(sections))
    .tuples()
)  # fmt: skip


class Material(NamedTuple):
    """One resource of a class; `address` is empty where the feed names none that can be opened."""

    title: str
    address: str
    is_primary: bool


def resources_of(section_ids: Iterable[int]) -> dict[int, list[Material]]:
    """The resources of each section and of its course, each once, the primary first; none for staff alone."""
    ids = list(section_ids)
    found: dict[int, dict[int, Material]] = {}
    for section, own_title, resource, title, vendor_id, roles, importance in (*_OF_SECTIONS(ids), *_OF_COURSES(ids)):
        if not roles or "student" in roles.lower():
            material = Material(own_title or title or "", _address(vendor_id), (importance or "").lower() == "primary")
            found.setdefault(section, {}).setdefault(resource, material)
    return {section: sorted(items.values(), key=_order) for section, items in found.items()}


def _order(material: Material) -> tuple[bool, str]:
    return not material.is_primary, material.title


def _address(vendor_id: Any) -> str:
    """The vendor's id where it is an address of the web; only such a one may become a link."""
    parts = urlsplit(vendor_id or "")
    return vendor_id if parts.scheme in ("http", "https") and parts.netloc else ""
