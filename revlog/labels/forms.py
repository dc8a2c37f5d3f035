"""The forms of labels: what to print, and a printer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Station
from revlog.labels import queries, registry
from revlog.labels.drawing import zpl
from revlog.labels.drawing.shapes import STOCKS
from revlog.labels.models import Printer, Reprint, Way
from revlog.labels.services import printing

BROWSER = "browser"


class PrintForm(forms.Form):
    """Labels of some things: which, where, how many, and why again."""

    kind = forms.ChoiceField(label=_("Label"))
    things = forms.CharField(
        label=_("Of what"), max_length=8000, widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text=_("Codes, one a line or divided by commas. A-01..A-20 is twenty places; the number of a container, a receiving "
                    "session, a return or a pick list stands for its units."),
    )  # fmt: skip
    variant = forms.ChoiceField(label=_("Which one"), required=False)
    printer = forms.ChoiceField(label=_("Printer"))
    stock = forms.ChoiceField(
        label=_("Printed on"), required=False,
        choices=lambda: [("", _("what suits the label")), *((one.name, one.label) for one in STOCKS.values())],
        help_text=_("For the browser; a printer has its own."),
    )  # fmt: skip
    start = forms.IntegerField(
        label=_("First free label of the sheet"), min_value=1, max_value=40, initial=1, required=False
    )
    copies = forms.IntegerField(label=_("Copies of each"), min_value=1, max_value=printing.MOST_COPIES, initial=1)
    reason = forms.ChoiceField(
        label=_("Why again"), required=False, choices=[("", "—"), *Reprint.choices],
        help_text=_("Needed where one of them was printed before."),
    )  # fmt: skip

    def __init__(self, *args: object, actor: Actor, station_printers: list[Printer], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        kinds = registry.mine(actor)
        self.fields["kind"].choices = [(one.name, one.title) for one in kinds]  # type: ignore[attr-defined]
        here = {one.pk for one in station_printers}
        rows = sorted(queries.printers(actor).filter(hub=actor.hub_id), key=lambda one: one.pk not in here)
        self.fields["printer"].choices = [  # type: ignore[attr-defined]
            (BROWSER, _("as a PDF, in this browser")),
            *((str(one.pk), f"{one.name} · {one.loaded.label}") for one in rows),
        ]
        self.printers = {str(one.pk): one for one in rows}
        told = (self.data.get("kind") if self.is_bound else self.initial.get("kind")) or (
            kinds[0].name if kinds else ""
        )
        chosen = registry.KINDS.get(str(told))
        if chosen is not None and chosen.variants:
            self.fields["variant"].choices = list(chosen.variants)  # type: ignore[attr-defined]
        else:
            del self.fields["variant"]


class PrinterForm(forms.Form):
    """A printer of a site."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("As it stands on it."))
    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.none(), empty_label=None)
    way = forms.ChoiceField(label=_("How it prints"), choices=Way.choices)
    host = forms.CharField(
        label=_("Address"), max_length=100, required=False,
        help_text=_("Of a printer on the network; it must lie in one of the networks that the install allows."),
    )  # fmt: skip
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=9100)
    dpi = forms.TypedChoiceField(label=_("Dots per inch"), coerce=int, choices=[(one, str(one)) for one in zpl.DPI])
    stock = forms.ChoiceField(
        label=_("Loaded with"), choices=lambda: [(one.name, one.label) for one in STOCKS.values()]
    )
    red_border = forms.BooleanField(
        label=_("Its labels have the red border of the lithium battery mark"), required=False
    )
    on_receipt = forms.BooleanField(
        label=_("Prints the label of each unit that is received at its stations"), required=False
    )
    stations: forms.ModelMultipleChoiceField[Station] = forms.ModelMultipleChoiceField(
        label=_("Stations"), queryset=Station.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, actor: Actor, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["hub"].queryset = Hub.objects.worked_by(actor).filter(active=True)  # type: ignore[attr-defined]
        self.initial.setdefault("hub", actor.hub_id)
        self.fields["stations"].queryset = queries.stations(actor)  # type: ignore[attr-defined]
