from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class SavedView(models.Model):
    """An address of a page, with all that was chosen on it, under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    market = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(max_length=2000)
    shared = models.BooleanField(_("everybody may use it"), default=False)
    version = models.PositiveIntegerField(default=1)
    saved = models.DateTimeField(auto_now=True)
    history = HistoricalRecords(excluded_fields=["saved"])

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("owner", "market", "name"), name="one_view_per_name"),
        )

    def __str__(self) -> str:
        return self.name
