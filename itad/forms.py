"""What is filled in at the desk of ITAD."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files import File
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itad import queries
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.common import tables


class ManifestForm(forms.Form):
    """A client's list as a file, whose it is, and where the things come. The operator's people say what allows what becomes of them."""

    client = forms.ModelChoiceField(label=_("Client"), queryset=Organization.objects.none(), to_field_name="code")
    hub = forms.ModelChoiceField(label=_("Site"), queryset=Hub.objects.none(), to_field_name="code")
    reference = forms.CharField(label=_("Job"), max_length=50, required=False)
    contract = forms.CharField(
        label=_("Contract"),
        max_length=60,
        required=False,
        help_text=_("What allows wiping, selling or destroying them."),
    )
    here = forms.BooleanField(label=_("They are here: receive them"), required=False)
    file = forms.FileField(
        label=_("File"),
        help_text=_(".csv or .xlsx, at most 25 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )

    def clean_file(self) -> File[bytes]:
        """Before all of it is read at once."""
        found: File[bytes] = self.cleaned_data["file"]
        if (found.size or 0) > tables.MOST_BYTES:
            raise forms.ValidationError(
                gettext("A file has at most %s MB; split it.") % (tables.MOST_BYTES // (1024 * 1024))
            )
        return found

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        clients = Organization.objects.visible_to(actor).filter(active=True)
        hubs = queries.manifest_hubs(actor).order_by("name")
        others, own = clients.exclude(kind=OrganizationKind.OPERATOR), clients.filter(pk__in=[actor.organization_id])
        clients = others if actor.is_operator else own
        client, hub = self.fields["client"], self.fields["hub"]
        if isinstance(client, forms.ModelChoiceField) and isinstance(hub, forms.ModelChoiceField):
            client.queryset, hub.queryset = clients.order_by("name"), hubs
            client.initial, hub.initial = clients.first(), hubs.first()
        if not (actor.is_operator and actor.may("itad.jobs")):
            del self.fields["contract"], self.fields["here"]
