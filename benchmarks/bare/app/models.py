from __future__ import annotations

import uuid

from django.db import models


class Device(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    tag = models.CharField(max_length=20, unique=True)
    manufacturer = models.CharField(max_length=120)
    model = models.CharField(max_length=200)
    serial = models.CharField(max_length=120, db_index=True)
    state = models.CharField(max_length=16, default="RECEIVED")
    created_at = models.DateTimeField(auto_now_add=True)


class Event(models.Model):
    device = models.ForeignKey(Device, models.CASCADE)
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)
