"""Rules edited by a form: parameters with their units, rules in words in their order, rules from templates, a file in and out.

What is being edited is kept in the session of whoever edits it, until it is drafted; a draft is never changed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import known, word
from revlog.terms import editing, grouping, queries, ruling, tabling, wording
from revlog.terms.forms import DraftDetailsForm
from revlog.terms.models import RuleSet
from revlog.terms.ruling import Body
from revlog.terms.services import rules
from revlog.terms.views.rules import is_readable, read_by, whose
from revlog.terms.wording import Vocabulary


@allow("terms.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, kind: str) -> HttpResponse:
    """The working copy of one kind of rules; each button is one change of it."""
    by = gate.actor_for(request)
    if kind not in ruling.kinds() or not wording.is_known(kind) or not by.is_operator:
        raise Http404
    here = reverse("rules_edit", args=[kind])
    if request.method != "POST":
        if "of" in request.GET:
            request.session[_key(kind)] = _named(request.GET["of"], kind, by)
            return HttpResponseRedirect(here)
        return _page(request, kind, by)
    body = _working(request, kind)
    try:
        body, chosen = _changed(request, kind, body)
        if request.POST.get("act") == "draft":
            return _draft(request, kind, body, by)
    except DomainError as refusal:
        return _page(request, kind, by, problem=refusal)
    if body is None:
        request.session.pop(_key(kind), None)
    else:
        request.session[_key(kind)] = body
    return HttpResponseRedirect(f"{here}?rule={chosen}#rule" if chosen else here)


def _key(kind: str) -> str:
    return f"rules:{kind}"


def _working(request: HttpRequest, kind: str) -> Body:
    found: Body | None = request.session.get(_key(kind))
    return found if found is not None else queries.in_force(kind, at=clock.now()).body


def _named(text: str, kind: str, by: Actor) -> Body:
    """The body of a draft or version that is to be edited further."""
    try:
        pk = uuid.UUID(text)
    except ValueError:
        raise Http404 from None
    return dict(get_object_or_404(RuleSet.objects.visible_to(by).filter(kind=kind), pk=pk).body)


def _changed(request: HttpRequest, kind: str, body: Body) -> tuple[Any, str]:
    """The body after the button that was pressed (None: from the beginning), and the rule that is open next."""
    told, words = request.POST, wording.of(kind)
    act, rule = told.get("act", ""), told.get("rule", "")
    match act:
        case "parameters":
            return editing.parameters_of(_plain(told), body, words), ""
        case "up" | "down":
            return editing.moved(body, rule, -1 if act == "up" else 1), ""
        case "switch":
            return editing.switched(body, rule), ""
        case "remove":
            return editing.removed(body, rule), ""
        case "add":
            template = next((one for one in words.templates if one.id == told.get("template")), None)
            if template is None:
                raise BadInput(Reason("template", _("Choose a rule to begin with."), "template"))
            return editing.added(body, template)
        case "rule":
            return editing.replaced(body, rule, _rule(_plain(told), body, rule, words)), ""
        case table if table.startswith("table:"):
            return tabling.body_of(_plain(told), body, tabling.table_of(words, table[6:]), ruling.kind(kind)), ""
        case "upload":
            return _uploaded(request, kind), ""
        case "again":
            return None, ""
        case "draft":
            return body, ""
        case _:
            raise BadInput(Reason("act", _("Nobody knows this button."), "act"))


def _plain(told: Any) -> dict[str, str]:  # noqa: ANN401 - a QueryDict
    """One text a field; what was ticked several times is one list."""
    return {name: "; ".join(told.getlist(name)) for name in told}


def _rule(told: Mapping[str, str], body: Body, name: str, words: Vocabulary) -> dict[str, Any]:
    before = body["rules"][editing.place_of(body, name)]
    new = dict(before)
    wrong: list[Reason] = []
    try:
        when = grouping.condition_of(grouping.typed(told), words)
    except BadInput as refusal:
        wrong += refusal.reasons
    else:
        new.pop("when", None)
        new |= {"when": when} if when is not None else {}
    try:
        new["then"] = editing.outcome_of(told, before.get("then", {}), words)
    except BadInput as refusal:
        wrong += refusal.reasons
    if wrong:
        raise BadInput(wrong)
    new["why"] = " ".join(told.get("why", "").split())[:300]
    return new


def _uploaded(request: HttpRequest, kind: str) -> Body:
    file = request.FILES.get("file")
    if file is None:
        raise BadInput(Reason("no_file", _("Choose a file."), "file"))
    content = file.read(ruling.MOST_BYTES + 1)
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise BadInput(Reason("no_json", _("This file isn't JSON."), "file")) from None
    if found := ruling.problems(body, ruling.kind(kind)):
        raise BadInput(found)
    made: Body = body
    return made


def _draft(request: HttpRequest, kind: str, body: Body, by: Actor) -> HttpResponse:
    form = DraftDetailsForm(request.POST, actor=by)
    if not form.is_valid():
        return _page(request, kind, by, form=form)
    owner = form.cleaned_data["organization"]
    rules.draft(
        kind=kind,
        body=body,
        organization=owner.pk if owner else None,
        note=form.cleaned_data["note"],
        by=by,
        at=clock.now(),
    )
    request.session.pop(_key(kind), None)
    messages.success(request, _("Drafted. Another person publishes it."))
    return HttpResponseRedirect(reverse("rules_kind", args=[kind]))


def _page(
    request: HttpRequest,
    kind: str,
    by: Actor,
    *,
    problem: DomainError | None = None,
    form: DraftDetailsForm | None = None,
) -> HttpResponse:
    body, words = _working(request, kind), wording.of(kind)
    before = queries.in_force(kind, at=clock.now()).body
    parameters = body.get("parameters", {})
    found = body.get("rules", [])
    typed = request.POST if problem is not None else {}
    chosen = request.GET.get("rule") or (request.POST.get("rule", "") if typed.get("act") == "rule" else "")
    open_rule = next((one for one in found if one.get("id") == chosen), None)
    context = {
        "kind": kind,
        "label": word(kind),
        "changes": wording.changes(ruling.diff(before, body), kind, before, body),
        "is_collect": body.get("mode") == "collect",
        "parameters": [
            {
                "name": f"param-{name}",
                "word": told,
                "value": typed.get(f"param-{name}", editing.shown(parameters.get(name), told)),
                "options": told.options if told.type == "choice" else {},
                "chosen": parameters.get(name),
            }
            for name, told in words.parameters.items()
        ],
        "rules": [_row(one, place, len(found), words, parameters) for place, one in enumerate(found)],
        "has_rules": bool(words.facts),
        "tables": [
            {
                "key": one.key,
                "label": one.label,
                "help": one.help,
                "rows": tabling.fields(body, one, _plain(typed) if typed.get("act") == f"table:{one.key}" else None),
                "open": typed.get("act") == f"table:{one.key}",
            }
            for one in words.tables
        ],
        "templates": words.templates,
        "open": _open(open_rule, words, parameters, typed if typed.get("act") == "rule" else {})
        if open_rule is not None
        else None,
        "form": form or DraftDetailsForm(actor=by),
        "problem": problem,
    }
    status = problem.status if problem else 422 if form is not None else 200
    return render(request, "terms/rules_edit.html", context, status=status)


def _name(rule: Mapping[str, Any]) -> str:
    name = str(rule.get("id", ""))
    return word(name) if known(name) else name.replace("_", " ")


def _row(
    rule: Mapping[str, Any], place: int, of: int, words: Vocabulary, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "id": rule["id"],
        "n": place + 1,
        "name": _name(rule),
        "off": bool(rule.get("off")),
        "when": wording.condition(rule.get("when"), words, parameters),
        "then": wording.outcome(rule.get("then", {}), words, parameters),
        "why": _(rule["why"]) if rule.get("why") else "",
        "first": place == 0,
        "last": place == of - 1,
    }


def _open(
    rule: Mapping[str, Any], words: Vocabulary, parameters: Mapping[str, Any], typed: Mapping[str, str]
) -> dict[str, Any]:
    """One rule as a form; what was typed stands in it where it was refused."""
    whole = grouping.typed(typed) if typed else grouping.parts_of(rule.get("when"), words)
    fields = editing.outcome_fields(rule.get("then", {}), words)
    for field in fields:
        field["value"] = typed.get(field["name"], field["value"])
    return {
        "id": rule["id"],
        "name": _name(rule),
        "why": typed.get("why", rule.get("why", "")),
        "when": wording.condition(rule.get("when"), words, parameters),
        "group": grouping.fields(whole, words),
        "groups": list(grouping.GROUPS.items()),
        "facts": [(name, told.label) for name, told in words.facts.items()],
        "operators": list(wording.OPERATORS.items()),
        "fields": fields,
    }


@allow("terms.view")
@require_GET
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """A body as a file: of a draft or version, of what is being edited, else of what is in force."""
    by = gate.actor_for(request)
    if not is_readable(kind, by):
        raise Http404
    if "of" in request.GET:
        body: Body = _named(request.GET["of"], kind, by)
    elif "working" in request.GET and by.is_operator:
        body = _working(request, kind)
    else:
        body = queries.in_force(kind, at=clock.now(), organization=whose(by)).body
    text = json.dumps(read_by(by, kind, body), indent=2, ensure_ascii=False)
    answer = HttpResponse(text + "\n", content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}.json"'
    return answer
