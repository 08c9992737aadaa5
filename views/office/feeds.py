"""Feeds: what came of each import, what was wrong in it, trying one out, and taking the last one back (X08)."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.wrappers import Response
from wtforms import PasswordField

from services import accounts, clock
from services.feeds import undo
from services.feeds.errors import FeedError
from services.feeds.problems import Problem
from services.feeds.report import Report
from services.office import feeds
from services.office.feeds import File
from services.passwords import FieldError
from services.throttle import Limit
from views import fragments, uploads, words
from views.access import account, settings
from views.downloads import csv_file
from views.forms import Form
from views.office.gate import blueprint, needs, office
from views.office.why import moment

#: Trying a feed out takes the machine a while: so often in an hour.
PER_HOUR = 20

#: The shape that goes with the word for a state (static/portal.css).
SHAPES = {"applied": "done", "unchanged": "exempt", "refused": "missing", "failed": "missing", "undone": "late"}


class UndoForm(Form):
    """Taking an import back asks for the password."""

    present = PasswordField()


@blueprint.get("/feeds", endpoint="feeds")
@needs("feeds")
def page() -> Response:
    """The last imports; a feed to try out; the way back from the last one."""
    return _page()


@blueprint.post("/feeds/try", endpoint="try_feed")
@needs("feeds")
@uploads.takes(feeds.MOST_BYTES)
def try_out() -> Response:
    """Say what a feed would do. Nothing is applied from here, and the files are not kept."""
    if not _limit().take(str(account().id), clock.now()):
        return _page({"files": _("Enough feeds have been tried out for now. Please wait an hour.")}, status=429)
    sent = [File(one.filename or "", one.stream) for one in request.files.getlist("files") if one.filename]
    try:
        report = feeds.try_out(sent, settings())
    except FeedError as error:
        return _page({"files": str(error)})
    office().note("feed tried out", clock.now(), files=[one.name[:100] for one in sent], state=report.state)
    return _page(report=report)


@blueprint.post("/feeds/undo", endpoint="undo_feed")
@needs("feeds")
def undo_last() -> Response:
    """Put back what was there before the last import; the present password is asked."""
    form = UndoForm()
    try:
        accounts.confirm(account(), form.present.data or "", settings=settings(), now=clock.now())
        undo.undo(account())
    except FieldError as error:
        return _page({"present": words.field_error(error, settings())})
    except FeedError as error:
        return _page({"form": str(error)})
    flash(_("The import is undone. Stop the nightly import until the SIS has mended its files."))
    return redirect(url_for("office.feeds"), 303)


@blueprint.get("/feeds/<int:run_id>", endpoint="feed")
@needs("feeds")
def one(run_id: int) -> Response:
    """One import: counts by file and by table, and what was wrong, of all files or of one."""
    found = feeds.find(run_id) or abort(404)
    file, severity = _narrowed()
    problems = feeds.problems(found.run, file=file, severity=severity, limit=feeds.PROBLEMS_SHOWN + 1)
    summary = found.run.summary if isinstance(found.run.summary, dict) else {}
    return fragments.render(
        "office/_feed.html",
        title=_("Import %(number)s", number=found.run.id),
        found=found,
        started=moment(found.run.started_at),
        finished=moment(found.run.finished_at),
        state=states()[found.run.state],
        shapes=SHAPES,
        files=summary.get("files", []),
        tables=summary.get("tables", []),
        not_read=summary.get("not_read", []),
        problems=problems[: feeds.PROBLEMS_SHOWN],
        more=len(problems) > feeds.PROBLEMS_SHOWN,
        problem_files=feeds.files_with_problems(found.run),
        file=file,
        severity=severity,
        severities=severities(),
    )


@blueprint.get("/feeds/<int:run_id>/problems.csv", endpoint="feed_problems")
@needs("feeds")
def file(run_id: int) -> Response:
    """The problems as a file, for the people who keep the SIS."""
    found = feeds.find(run_id) or abort(404)
    file, severity = _narrowed()
    return csv_file(
        f"feed-problems-{found.run.id}", Problem._fields, feeds.problems(found.run, file=file, severity=severity)
    )


def states() -> dict[str, str]:
    """How an import has ended."""
    return {
        "running": pgettext("state of an import", "Running"),
        "applied": pgettext("state of an import", "Applied"),
        "unchanged": pgettext("state of an import", "Nothing new"),
        "refused": pgettext("state of an import", "Refused"),
        "failed": pgettext("state of an import", "Failed"),
        "undone": pgettext("state of an import", "Undone"),
        "dry-run": pgettext("state of an import", "Tried out"),
    }


def severities() -> dict[str, str]:
    """How bad a problem is."""
    return {"error": _("Row left out"), "warning": _("Warning: row taken")}


def _narrowed() -> tuple[str, str]:
    severity = request.args.get("severity", "")
    return request.args.get("file", "")[:300].replace("\0", ""), severity if severity in severities() else ""


def _limit() -> Limit:
    return Limit("feed trial", tries=PER_HOUR, minutes=60, secret=settings().secret_key)


def _page(errors: dict[str, str] | None = None, *, report: Report | None = None, status: int = 422) -> Response:
    last = undo.possible()
    return fragments.render(
        "office/_feeds.html",
        status=status if errors else 200,
        title=_("Feeds"),
        errors=errors or {},
        runs=[(moment(one.run.started_at), one) for one in feeds.listed()],
        states=states(),
        shapes=SHAPES,
        severities=severities(),
        report=report,
        last=last,
        last_at=moment(last.started_at) if last is not None else "",
        form=UndoForm(formdata=None),
        megabytes=feeds.MOST_BYTES // 1024**2,
    )
