"""What of a supplier's quota is used: by everything that they were asked to take in the period and didn't refuse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import F, Sum

from returns.models.vendors import IN_QUOTA, VendorReturnLine
from revlog.terms import agreeing
from revlog.terms import queries as terms
from revlog.terms.agreeing import Quota
from revlog.terms.models import Agreement


def quota(agreement: Agreement, *, on: date) -> Quota:
    """What is left on a day. Whoever asks a supplier does so alone while they look."""
    says = agreement.says
    begins, ends = agreeing.period_of(says.quota_period, on)
    used = VendorReturnLine.objects.filter(
        rtv__supplier=agreement.supplier_id,
        rtv__status__in=[one.value for one in IN_QUOTA],
        rtv__asked_at__date__gte=begins,
        rtv__asked_at__date__lte=ends,
    ).aggregate(amount=Sum(F("price") * F("quantity")), pieces=Sum("quantity"))
    bought = terms.bought_of(agreement.supplier, begins=begins, ends=ends) if says.quota_of == "percent" else Decimal(0)
    return agreeing.quota_of(
        says, on=on, bought=bought, amount=used["amount"] or Decimal(0), pieces=int(used["pieces"] or 0)
    )
