from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from itad.views import acts, jobs, manifests, units

urlpatterns: list[URLPattern | URLResolver] = [
    path("", units.worklist, name="itad"),
    path("intake/", jobs.take_in, name="itad_intake"),
    path("manifests/", manifests.listing, name="itad_manifests"),
    path("manifests/<uuid:pk>/", manifests.detail, name="itad_manifest"),
    path("manifests/<uuid:pk>/stop", manifests.stop, name="itad_manifest_stop"),
    path("manifests/<uuid:pk>/drop", manifests.drop, name="itad_manifest_drop"),
    path("manifests/<uuid:pk>/go-on", manifests.go_on, name="itad_manifest_go_on"),
    path("manifests/<uuid:pk>/refused.csv", manifests.refused, name="itad_manifest_refused"),
    path("policies/", jobs.policy_page, name="itad_policies"),
    path("units/<str:tag>/", units.unit_page, name="itad_unit"),
    path("units/<str:tag>/begin/", acts.begin, name="itad_begin"),
    path("units/<str:tag>/reset/", acts.reset, name="itad_reset"),
    path("units/<str:tag>/give-up/", acts.give_up, name="itad_give_up"),
    path("units/<str:tag>/verify/", acts.verify, name="itad_verify"),
    path("units/<str:tag>/reject/", acts.reject, name="itad_reject"),
    path("units/<str:tag>/retry/", acts.retry, name="itad_retry"),
    path("units/<str:tag>/escalate/", acts.escalate, name="itad_escalate"),
    path("units/<str:tag>/destroy/", acts.destroy, name="itad_destroy"),
    path("units/<str:tag>/witness/", acts.witness, name="itad_witness"),
    path("units/<str:tag>/order-destruction/", acts.order_destruction, name="itad_order_destruction"),
    path("units/<str:tag>/ask-exception/", acts.request_exception, name="itad_ask_exception"),
    path("units/<str:tag>/allow-exception/", acts.allow_exception, name="itad_allow_exception"),
    path("units/<str:tag>/refuse-exception/", acts.refuse_exception, name="itad_refuse_exception"),
    path("units/<str:tag>/remove-medium/", acts.remove_medium, name="itad_remove_medium"),
    path("units/<str:tag>/reconsider/", acts.reconsider, name="itad_reconsider"),
    path("units/<str:tag>/settle/", acts.settle, name="itad_settle"),
    path("units/<str:tag>/custody-report/", acts.custody_report, name="itad_custody_report"),
    path("units/<str:tag>/donate/", acts.donate, name="itad_donate"),
    path("units/<str:tag>/deploy/", acts.deploy, name="itad_deploy"),
    path("panels/<str:tag>/media/", units.panel_media, name="itad_panel_media"),
    path("panels/<str:tag>/documents/", units.panel_documents, name="itad_panel_documents"),
]
