from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from revlog.evidence import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("verify/", views.verify_file, name="verify_file"),
    path("verify/<uuid:document>/", views.verify, name="verify"),
    path("documents/", views.document_list, name="documents"),
    path("documents/<uuid:document>/", views.document_file, name="document"),
]
