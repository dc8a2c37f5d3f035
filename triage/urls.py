from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from triage.views import looking, papers, planning, reports, tables, units, worklist

urlpatterns: list[URLPattern | URLResolver] = [
    path("", worklist.index, name="triage"),
    path("floor/", worklist.floor, name="triage_floor"),
    path("floor/scan/", worklist.scan, name="triage_scan"),
    path("floor/begin/", worklist.floor_begin, name="triage_floor_begin"),
    path("plan/", planning.latest, name="triage_plan_of_the_day"),
    path("plan/ask/", planning.ask, name="triage_plan_ask"),
    path("plan/<uuid:id>/", planning.page, name="triage_plan"),
    path("plan/<uuid:id>/follow/", planning.follow, name="triage_plan_follow"),
    path("units/<str:tag>/", units.page, name="triage_unit"),
    path("units/<str:tag>/begin/", units.begin, name="triage_begin"),
    path("units/<str:tag>/look/", looking.page, name="triage_look"),
    path("units/<str:tag>/look/begin/", looking.begin, name="triage_look_begin"),
    path("units/<str:tag>/look/answer/", looking.answer, name="triage_look_answer"),
    path("units/<str:tag>/look/defect/", looking.mark, name="triage_look_mark"),
    path("units/<str:tag>/look/photo/", looking.photo, name="triage_look_photo"),
    path("units/<str:tag>/look/finish/", looking.finish, name="triage_look_finish"),
    path("units/<str:tag>/look/leave/", looking.leave, name="triage_look_leave"),
    path("units/<str:tag>/decontamination/", papers.decontamination, name="triage_decontamination"),
    path("units/<str:tag>/grade/", units.grade, name="triage_grade"),
    path("units/<str:tag>/seal/", units.seal, name="triage_seal"),
    path("units/<str:tag>/settle/", units.settle, name="triage_settle"),
    path("units/<str:tag>/decide/", units.decide, name="triage_decide"),
    path("units/<str:tag>/reports/", reports.upload_to_unit, name="triage_unit_reports"),
    path("reports/", reports.index, name="triage_reports"),
    path("reports/upload/", reports.upload, name="triage_upload"),
    path("reports/tables/", tables.index, name="triage_tables"),
    path("reports/tables/<uuid:id>/drop/", tables.drop, name="triage_table_drop"),
    path("reports/<uuid:id>/columns/", tables.columns, name="triage_report_columns"),
    path("reports/<uuid:id>/", reports.page, name="triage_report"),
    path("reports/<uuid:id>/match/", reports.match, name="triage_report_match"),
    path("reports/<uuid:id>/unit/", reports.create, name="triage_report_create"),
    path("reports/<uuid:id>/aside/", reports.set_aside, name="triage_report_set_aside"),
    path("panels/<str:tag>/grade/", units.panel_grade, name="triage_panel_grade"),
    path("panels/<str:tag>/decision/", units.panel_decision, name="triage_panel_decision"),
]
