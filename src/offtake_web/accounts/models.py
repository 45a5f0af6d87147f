from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is in the company; what each may do stands in ``access.py``."""

    ADMINISTRATOR = "administrator", _("administrator")
    MARKETING = "marketing", _("marketing")
    SALES_LEAD = "sales_lead", _("sales lead")
    KEY_ACCOUNT_MANAGER = "key_account_manager", _("key account manager")
    REP = "rep", _("field representative")
    ANALYST = "analyst", _("analyst")
    VIEWER = "viewer", _("viewer")


def check_names(value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ValidationError(_("A list of names is needed."))


def _names() -> models.JSONField[list[str], list[str]]:
    return models.JSONField(default=list, blank=True, validators=[check_names])


class User(AbstractUser):
    """Somebody who signs in: one role, and the part of the business it is for (empty: all)."""

    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.VIEWER)
    retailers = _names()
    territories = _names()
    brands = _names()

    def __str__(self) -> str:
        return self.get_full_name() or self.get_username()
