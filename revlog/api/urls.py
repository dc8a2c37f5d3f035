"""Routes of the API: the endpoints of every app, its OpenAPI document and its docs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from itad.api import ManifestsEndpoint
from reporting.api import AccountingRunsEndpoint
from resale.api import LotsEndpoint
from returns.api.business import BusinessReturnsEndpoint
from returns.api.cases import CasesEndpoint
from returns.api.corrective_actions import CorrectiveActionsEndpoint
from returns.api.credit import CreditsEndpoint
from returns.api.fraud import ReviewsEndpoint
from returns.api.lists import ListingsEndpoint
from returns.api.recalls import RecallsEndpoint, RecallUnitsEndpoint
from returns.api.rmas import RmasEndpoint
from returns.api.sessions import ReceivingSessionsEndpoint
from returns.api.supplier_claims import SupplierClaimsEndpoint
from returns.api.tradein import TradeInsEndpoint
from returns.api.vendors import VendorReturnsEndpoint
from revlog.api import views
from revlog.api.door import endpoint
from revlog.api.routing import Router
from revlog.custody.api import EntriesEndpoint
from revlog.devices.api import DevicesEndpoint
from revlog.evidence.api import DocumentsEndpoint
from revlog.labels.api import LabelsEndpoint, PrintJobsEndpoint
from revlog.logistics.api import AppointmentsEndpoint, DeliveriesEndpoint
from revlog.logistics.api.freight import BillsEndpoint, CarrierClaimsEndpoint, ContractsEndpoint
from revlog.logistics.api.transfers import TransfersEndpoint
from revlog.storage.api.containers import ContainersEndpoint
from revlog.storage.api.counts import CountsEndpoint
from revlog.storage.api.hazards import HazardsEndpoint
from revlog.storage.api.picks import PickListsEndpoint
from revlog.storage.api.places import PlacesEndpoint
from revlog.terms.api import OrdersEndpoint
from triage.api.agreement import AgreementEndpoint
from triage.api.outcomes import OutcomesEndpoint
from triage.api.plans import PlansEndpoint
from triage.api.reports import ReportsEndpoint

router = Router()
router.register("devices", DevicesEndpoint, basename="api-device")
router.register("entries", EntriesEndpoint, basename="api-entry")
router.register("orders", OrdersEndpoint, basename="api-order")
router.register("rmas", RmasEndpoint, basename="api-rma")
router.register("business-returns", BusinessReturnsEndpoint, basename="api-business-return")
router.register("cases", CasesEndpoint, basename="api-case")
router.register("reviews", ReviewsEndpoint, basename="api-review")
router.register("listings", ListingsEndpoint, basename="api-listing")
router.register("supplier-claims", SupplierClaimsEndpoint, basename="api-supplier-claim")
router.register("recalls", RecallsEndpoint, basename="api-recall")
router.register("recall-units", RecallUnitsEndpoint, basename="api-recall-unit")
router.register("accounting-runs", AccountingRunsEndpoint, basename="api-accounting-run")
router.register("trade-ins", TradeInsEndpoint, basename="api-trade-in")
router.register("vendor-returns", VendorReturnsEndpoint, basename="api-vendor-return")
router.register("corrective-actions", CorrectiveActionsEndpoint, basename="api-corrective-action")
router.register("receiving-sessions", ReceivingSessionsEndpoint, basename="api-receiving-session")
router.register("lots", LotsEndpoint, basename="api-lot")
router.register("store-credits", CreditsEndpoint, basename="api-store-credit")
router.register("manifests", ManifestsEndpoint, basename="api-manifest")
router.register("reports", ReportsEndpoint, basename="api-report")
router.register("agreement", AgreementEndpoint, basename="api-agreement")
router.register("plans", PlansEndpoint, basename="api-plan")
router.register("outcomes", OutcomesEndpoint, basename="api-outcome")
router.register("appointments", AppointmentsEndpoint, basename="api-appointment")
router.register("deliveries", DeliveriesEndpoint, basename="api-delivery")
router.register("places", PlacesEndpoint, basename="api-place")
router.register("containers", ContainersEndpoint, basename="api-container")
router.register("pick-lists", PickListsEndpoint, basename="api-pick-list")
router.register("counts", CountsEndpoint, basename="api-count")
router.register("hazards", HazardsEndpoint, basename="api-hazard")
router.register("print-jobs", PrintJobsEndpoint, basename="api-print-job")
router.register("transport-contracts", ContractsEndpoint, basename="api-transport-contract")
router.register("carrier-bills", BillsEndpoint, basename="api-carrier-bill")
router.register("carrier-claims", CarrierClaimsEndpoint, basename="api-carrier-claim")
router.register("transfers", TransfersEndpoint, basename="api-transfer")
router.register("documents", DocumentsEndpoint, basename="api-document")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.root, name="api-root-document"),
    path("schema/", views.schema, name="api-schema"),
    path("docs/", views.docs, name="api-docs"),
    path("problems/<slug:code>", views.problem, name="api-problem"),
    path("labels/<slug:kind>/<str:thing>/", endpoint(LabelsEndpoint.as_view({"get": "retrieve"})), name="api-label"),
    path(
        "labels/<slug:kind>/<str:thing>/print/",
        endpoint(LabelsEndpoint.as_view({"post": "print"})),
        name="api-label-print",
    ),
    *router.urls,
    path("<path:rest>", views.nothing, name="api-nothing"),
]
