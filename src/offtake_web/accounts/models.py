from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


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


class UserManager(DjangoUserManager["User"]):
    """Makes people; ``createsuperuser`` makes an administrator of the workspace too."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Write an address in small letters: whoever signs in with it may write it otherwise."""
        return super().normalize_email(email).lower()

    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **more: object,
    ) -> User:
        return super().create_superuser(
            username, email, password, **({"role": Role.ADMINISTRATOR} | more)
        )


class User(AbstractUser):
    """Somebody who signs in: one role, and the part of the business it is for (empty: all)."""

    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.VIEWER)
    retailers = models.JSONField(_("retailers"), default=list, blank=True, validators=[check_names])
    territories = models.JSONField(
        _("territories"), default=list, blank=True, validators=[check_names]
    )
    brands = models.JSONField(_("brands"), default=list, blank=True, validators=[check_names])
    language = models.CharField(_("language"), max_length=16, blank=True)
    # Counts the links to set a password: a new one makes the older ones worthless.
    links = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    # What the token that speaks for somebody allows; None where they speak for themselves.
    limited_to: frozenset[str] | None = None

    history = HistoricalRecords(excluded_fields=["password", "last_login", "links", "version"])
    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="one_person_per_email",
                condition=~models.Q(email=""),
                violation_error_message=_("Another account has this e-mail address."),
            ),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.get_username()


class Session(AbstractBaseSession):
    """A browser in which somebody is signed in; it knows whose it is, so that it can be ended."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="sessions", editable=False
    )
    started = models.DateTimeField(null=True)
    browser = models.CharField(max_length=200, blank=True)


class Token(models.Model):
    """Lets a program act for somebody, within some of their permissions and until a day.

    The text of a token is shown once; a fingerprint of it is kept.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    scopes = models.JSONField(_("what it may do"), default=list)
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(_("valid until"))
    last_used = models.DateTimeField(null=True, editable=False)
    revoked = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.name


class SignInRules(models.Model):
    """The one row that says of which roles a second factor is demanded."""

    second_factor_for = models.JSONField(default=list, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords(excluded_fields=["version"])

    def __str__(self) -> str:
        return ", ".join(self.second_factor_for)
