"""What people enter: the portal's questions and the desk's short forms. Rules are not here: verbs judge, forms only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns import reasons
from returns.imports import mapping as mappings
from returns.models import Outcome
from returns.policy.questions import Question
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.devices import classes
from revlog.terms.models import OrderLine

OUTCOMES = [
    (Outcome.REFUND.value, _("My money back")),
    (Outcome.CREDIT.value, _("Store credit")),
    (Outcome.EXCHANGE.value, _("Another one")),
    (Outcome.ADVANCE.value, _("Another one, sent first")),
    (Outcome.REPAIR.value, _("Have it repaired")),
    (Outcome.REPLACE.value, _("A replacement under warranty")),
]
TOLD_OUTCOMES = (Outcome.REFUND.value, Outcome.CREDIT.value, Outcome.REPAIR.value)
"""What may be had for something that we may not have sold: nobody can say what the same again would be."""
PHOTO_TYPES = "image/jpeg,image/png,image/webp"


class PhotosInput(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Any number of files; whether they are photos is told when they are kept."""

    widget = PhotosInput

    @override
    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(PhotosField, self).clean(one, initial) for one in data or []]


class FindForm(forms.Form):
    """A guest proves themselves by two things that only they have beside each other."""

    order = forms.CharField(
        label=_("Order number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("It is in the mail that confirmed your order."),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The one you ordered with."),
    )


class LinkForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The one you ordered with."),
    )


class GiftForm(forms.Form):
    """Who got a gift knows its order number and where it was delivered; name and e-mail are their own."""

    order = forms.CharField(
        label=_("Order number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("It is on the delivery note in the parcel."),
    )
    postcode = forms.CharField(
        label=_("Postal code"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "autocapitalize": "characters"}),
        help_text=_("Of the address where it was delivered."),
    )
    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We write to you, and not to who bought it."),
    )
    address = forms.CharField(
        label=_("Your address"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"autocomplete": "street-address", "rows": 3}),
        help_text=_("Where we send another one. Not needed for store credit."),
    )


class ElsewhereForm(forms.Form):
    """Something that no order of ours tells of: what it is, where it was bought, who gives it back and why."""

    what = forms.CharField(
        label=_("What is it?"), max_length=120, help_text=_("Maker and model, as it is written on it.")
    )
    device_class = forms.ChoiceField(label=_("What kind of thing?"))
    serial = forms.CharField(
        label=_("Serial number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    shop = forms.CharField(label=_("Where was it bought?"), max_length=120)
    bought_on = forms.DateField(label=_("When?"), widget=forms.DateInput(attrs={"type": "date"}))
    receipt = forms.FileField(
        label=_("Photo of the receipt"),
        required=False,
        help_text=_("Without it we can hardly say what it is worth."),
        widget=forms.FileInput(attrs={"accept": PHOTO_TYPES}),
    )
    reason = forms.ChoiceField(label=_("Why?"))
    wanted = forms.ChoiceField(
        label=_("What would you like?"),
        choices=[(value, words) for value, words in OUTCOMES if value in TOLD_OUTCOMES],
        widget=forms.RadioSelect,
        initial=Outcome.REFUND.value,
    )
    note = forms.CharField(
        label=_("In your words"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        kinds, reason = self.fields["device_class"], self.fields["reason"]
        if isinstance(kinds, forms.ChoiceField) and isinstance(reason, forms.ChoiceField):
            kinds.choices = [("", _("Choose a kind")), *classes.CHOICES]
            asked = [(group, codes) for group, codes in reasons.asked("other")]
            reason.choices = [("", _("Choose a reason")), *asked]


class ReasonsInput(forms.Select):
    """Why, as a list (the desk), or in two steps of radio buttons (the portal): what it is about, then the reason among those of that.

    Each step is a group of its own, ``<name>.about`` and ``<name>.<group>``, so that arrow keys and Tab do what they do everywhere; a
    reason that was chosen in a group that isn't meant any more doesn't count.
    """

    @override
    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        about = data.get(f"{name}.about")
        return super().value_from_datadict(data, files, name) if about is None else data.get(f"{name}.{about[:20]}", "")


class WhyForm(forms.Form):
    """Why one thing comes back and what for; ``left`` is how many of it can."""

    quantity = forms.IntegerField(label=_("How many?"), min_value=1, initial=1)
    reason = forms.ChoiceField(label=_("Why?"), widget=ReasonsInput, error_messages={"required": _("Choose a reason.")})
    wanted = forms.ChoiceField(
        label=_("What would you like?"), choices=OUTCOMES, widget=forms.RadioSelect, initial=Outcome.REFUND.value
    )
    note = forms.CharField(
        label=_("In your words"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    photos = PhotosField(
        label=_("Photos"),
        required=False,
        help_text=_("They show us a damage before it arrives. At most 5."),
        widget=PhotosInput(attrs={"accept": PHOTO_TYPES}),
    )
    no_photos = forms.BooleanField(label=_("Leave the photos out again"), required=False)
    find = forms.CharField(label=_("Look for something else"), required=False, max_length=60)
    new_variant = forms.UUIDField(required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        line: OrderLine,
        left: int,
        url: str = "",
        asked: Sequence[Question] = (),
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.line, self.left, self.url, self.asked = line, left, url, asked
        self.thing: Mapping[str, Any] = {}  # the card of what comes back
        self.begins = False  # whether the cursor is in the first question of this one when the page opens
        choices: list[Any] = [("", _("Choose a reason"))]
        choices += [(group, codes) for group, codes in reasons.asked(line.device_class)]
        reason = self.fields["reason"]
        if isinstance(reason, forms.ChoiceField):
            reason.choices = choices
        # What can be had depends on the reason and the answers: what is said to them replaces the questions and choices below.
        anew = {
            "hx-post": url,
            "hx-trigger": "change",
            "hx-target": f"#terms-{self.prefix}",
            "hx-swap": "innerHTML",
        }
        for question in asked:
            self.fields[question.field] = self._field(question)
            self.fields[question.field].widget.attrs |= anew if url else {}
        quantity = self.fields["quantity"]
        if left == 1:
            quantity.widget = forms.HiddenInput()
        elif isinstance(quantity, forms.IntegerField):
            quantity.max_value = left
            quantity.widget.attrs |= {"max": left, "inputmode": "numeric"}

    @staticmethod
    def _field(question: Question) -> forms.Field:
        """A question as a field. Whether it must be answered is the rules' to say, when the whole wish is judged."""
        if question.kind == "tick":
            return forms.BooleanField(label=question.text, required=False)
        return forms.ChoiceField(
            label=question.text, choices=list(question.choices), required=False, widget=forms.RadioSelect
        )

    @property
    def groups(self) -> list[dict[str, Any]]:
        """What it can be about, each with its reasons; the first is chosen until another is."""
        reason = str(self["reason"].value() or "")
        groups = reasons.groups_asked(self.line.device_class)
        about = str(self.data.get(f"{self['reason'].html_name}.about", ""))
        if reasons.may_ask(reason, self.line.device_class):
            about = reasons.group(reason)
        chosen = about if about in groups else next(iter(groups))
        return [
            {
                "name": name,
                "words": reasons.GROUP_WORDS[name],
                "checked": name == chosen,
                "reasons": [{"code": code, "words": words, "checked": code == reason} for code, words in codes],
            }
            for name, codes in groups.items()
        ]

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[question.field] for question in self.asked]

    def answers(self) -> dict[str, str]:
        """What was answered of what was asked; a tick that isn't set is no answer."""
        told = {question.id: (question, self.cleaned_data.get(question.field)) for question in self.asked}
        return {
            name: question.choices[0][0] if answer is True else str(answer)
            for name, (question, answer) in told.items()
            if answer
        }


class ReasonForm(forms.Form):
    """One sentence that somebody else reads: why something is refused, settled, put right."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class AcceptForm(forms.Form):
    deduction = forms.DecimalField(
        label=_("Deduct"), max_digits=12, decimal_places=2, min_value=Decimal(0), required=False, initial=Decimal(0)
    )
    why = forms.CharField(label=_("Why, as the customer reads it"), max_length=300, required=False)


class SendBackForm(forms.Form):
    tracking = forms.CharField(label=_("Tracking number"), max_length=60, required=False)


class RestockForm(forms.Form):
    place = forms.CharField(label=_("Shelf"), max_length=60, required=False)


class PastOrdersForm(forms.Form):
    """A file of past orders and returns, whose they are, and how it is read."""

    OWN = "own"
    seller = forms.ModelChoiceField(label=_("Seller"), queryset=Organization.objects.none(), to_field_name="code")
    mapping = forms.ChoiceField(label=_("How it is written"))
    own = forms.FileField(
        label=_("Your own mapping"),
        required=False,
        help_text=_("A TOML file of at most 64 KB, where none of the above fits."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(".csv or .csv.gz, at most 25 MB. Larger ones are imported on the command line."),
        widget=forms.FileInput(attrs={"accept": ".csv,.gz,text/csv"}),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        sellers = Organization.objects.visible_to(actor).filter(active=True)
        if not actor.is_operator:
            sellers = sellers.filter(pk__in=[actor.organization_id])
        else:
            kinds = [OrganizationKind.OPERATOR, OrganizationKind.RETAILER, OrganizationKind.CLIENT]
            sellers = sellers.filter(kind__in=kinds)
        seller, mapping = self.fields["seller"], self.fields["mapping"]
        if isinstance(seller, forms.ModelChoiceField):
            seller.queryset = sellers
            seller.initial = sellers.first()
        if isinstance(mapping, forms.ChoiceField):
            mapping.choices = [*((name, name) for name in mappings.shipped()), (self.OWN, _("by a mapping of my own"))]

    @override
    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("mapping") == self.OWN and not told.get("own"):
            self.add_error("own", _("Choose the file of your mapping."))
        return told
