"""Technical support: the work orders that the office has sent, and their answers (H07)."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from models import WorkOrder
from services import clock
from services.messages import MAX_LENGTH, MessageRefused
from services.office import why, work_orders
from views import fragments, words
from views.forms import Form
from views.office.gate import blueprint, needs, office
from views.office.why import in_words, moment, states


class AnswerForm(Form):
    """What has become of an order."""

    state = StringField()
    body = TextAreaField()


@blueprint.get("/work-orders", endpoint="work_orders")
@needs("support")
def listed() -> Response:
    """The orders in one state, open ones first come first."""
    state = request.args.get("state", "open")
    if state not in states():
        abort(404)
    orders = work_orders.listed(state, request.args.get("after", type=int))
    shown = orders[: work_orders.SHOWN]
    return fragments.render(
        "office/_work_orders.html",
        title=_("Work orders"),
        orders=[(moment(one.created_at), one) for one in shown],
        state=state,
        states=states(),
        last=shown[-1].id if len(orders) > len(shown) else None,
    )


@blueprint.route("/work-orders/<int:order_id>", methods=["GET", "POST"], endpoint="work_order")
@needs("support")
def one(order_id: int) -> Response:
    """An order with what was checked when it was sent; a look at the student's record is written down (X09)."""
    order = work_orders.find(order_id) or abort(404)
    form = AnswerForm()
    office().note("student viewed", clock.now(), student=order.student, page="work order")
    if not form.is_submitted():
        return _page(order, form)
    typed = request.form.get("body", "")
    try:
        work_orders.answer(order, form.state.data or "", typed, by=office(), now=clock.now())
    except MessageRefused as refused:
        return _page(order, form, words.refusal(refused, typed))
    except work_orders.NotOpen:
        flash(_("Nothing was changed: the work order had been answered already."))
        return redirect(url_for("office.work_order", order_id=order.id), 303)
    flash(_("Your answer is on the page of whoever sent the work order."))
    return redirect(url_for("office.work_orders"), 303)


def _page(order: WorkOrder, form: AnswerForm, error: str = "") -> Response:
    pair = (order.guardian_id, order.student_id) if order.guardian and order.student else (None, None)
    return fragments.render(
        "office/_work_order.html",
        status=422 if error else 200,
        title=_("Work order %(number)s", number=order.id),
        order=order,
        at=moment(order.created_at),
        closed_at=moment(order.closed_at),
        states=states(),
        lines=in_words(why.from_json(order.checks), *pair),
        form=form,
        error=error,
        limit=MAX_LENGTH,
    )
