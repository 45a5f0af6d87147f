from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from simple_history.models import HistoricalRecords

from offtake_web.accounts.models import Role, User, check_names

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


LOCKED_IT = gettext_noop("locked it")
"""What the history of a plan says of its lock."""


class Kind(models.TextChoices):
    CAMPAIGN = "campaign", _("campaign")
    PROMOTION = "promotion", _("promotion")
    DISPLAY = "display", _("display")
    LAUNCH = "launch", _("launch")
    LISTING = "listing", _("listing")
    ACTIVATION = "activation", _("in-store activation")
    PRICE_MOVE = "price_move", _("price move")


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    PROPOSED = "proposed", _("proposed")
    AGREED = "agreed", _("agreed")
    LOCKED = "locked", _("locked")
    EXECUTED = "executed", _("executed")
    REVIEWED = "reviewed", _("reviewed")
    CANCELLED = "cancelled", _("cancelled")


FIRM = (State.LOCKED, State.EXECUTED, State.REVIEWED)
"""States of a plan in which the data are told of it."""


class Side(models.TextChoices):
    MARKETING = "marketing", _("marketing")
    SALES = "sales", _("sales")


class GateName(models.TextChoices):
    DISTRIBUTION = "distribution", _("distribution")
    STOCK_COVER = "stock_cover", _("stock")
    BRIEF = "brief_acknowledged", _("brief acknowledged")
    MATERIAL = "material_delivered", _("material delivered")
    SLOT = "slot_confirmed", _("slot confirmed")


def _names(label: _StrPromise) -> models.JSONField[list[str], list[str]]:
    return models.JSONField(label, default=list, blank=True, validators=[check_names])


def _words(label: _StrPromise) -> models.TextField[str, str]:
    return models.TextField(label, blank=True, max_length=2000)


def _money(label: _StrPromise, places: int = 2) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=14, decimal_places=places, null=True, blank=True)


class Plan(models.Model):
    """What marketing and sales plan together. It has no base: a plan changes what comes on top.

    ``version`` counts changes of this row; ``content_version`` counts those of what is planned,
    which a side's yes is to; ``changes`` counts these and those of what hangs on it.
    """

    market = models.CharField(max_length=40, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    side = models.CharField(_("side that owns it"), max_length=10, choices=Side)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    brands = _names(_("brands"))
    product_ids = _names(_("items"))
    retailers = _names(_("retailers"))
    store_ids = models.JSONField(_("stores"), null=True, blank=True, validators=[check_names])
    price_cut = models.DecimalField(_("price cut"), max_digits=4, decimal_places=1, default=0)
    display = models.BooleanField(_("on display"), default=False)
    feature = models.BooleanField(_("in the leaflet"), default=False)
    cost = _money(_("cost"))
    cost_per_unit = _money(_("cost per unit sold on it"), 4)
    benefit = _words(_("benefit"))
    emotion = _words(_("emotion"))
    lifestyle = _words(_("lifestyle"))
    audience = _words(_("audience"))
    message = _words(_("message"))
    touchpoints = _names(_("touchpoints"))

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1, editable=False)
    content_version = models.PositiveIntegerField(default=1, editable=False)
    changes = models.PositiveIntegerField(default=1, editable=False)
    marketing_yes = models.PositiveIntegerField(null=True, editable=False)
    sales_yes = models.PositiveIntegerField(null=True, editable=False)
    promotion_id = models.CharField(_("promotion in the data"), max_length=80, blank=True)
    conclusions = _words(_("conclusions"))
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="plans_made")
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="plans_changed")

    history = HistoricalRecords(excluded_fields=["changes"])

    class Meta:
        ordering = ("first_day", "last_day", "pk")
        indexes = (models.Index(fields=("market", "state", "first_day")),)
        constraints = (
            models.CheckConstraint(
                name="plan_days_in_order",
                condition=models.Q(last_day__gte=models.F("first_day")),
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                name="plan_price_cut_in_range",
                condition=models.Q(price_cut__gte=0, price_cut__lt=100),
                violation_error_message=_("A price cut is 0 to below 100 percent."),
            ),
            models.CheckConstraint(
                name="plan_costs_not_negative",
                condition=(models.Q(cost__isnull=True) | models.Q(cost__gte=0))
                & (models.Q(cost_per_unit__isnull=True) | models.Q(cost_per_unit__gte=0)),
                violation_error_message=_("A cost is 0 or more."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def yes_of(self, side: str) -> bool:
        """Whether a side said yes to the content as it is now."""
        given = self.marketing_yes if side == Side.MARKETING else self.sales_yes
        return given == self.content_version


NUMBERED = "plan-"
"""Begins the id by which the data know a plan that was exported under its own number."""


def result_id(plan: Plan) -> str:
    """Return what the data call the promotion that a plan became: linked, or exported as this."""
    return plan.promotion_id or f"{NUMBERED}{plan.pk}"


CONTENT = (
    "kind",
    "name",
    "side",
    "first_day",
    "last_day",
    "brands",
    "product_ids",
    "retailers",
    "store_ids",
    "price_cut",
    "display",
    "feature",
    "cost",
    "cost_per_unit",
    "benefit",
    "emotion",
    "lifestyle",
    "audience",
    "message",
    "touchpoints",
)
"""What is planned: a change of any of these takes back every yes."""


class Commitment(models.Model):
    """Who promises what by when."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="commitments")
    side = models.CharField(_("side"), max_length=10, choices=Side)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="commitments")
    what = models.CharField(_("what"), max_length=300)
    due = models.DateField(_("due"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ("due", "pk")

    def __str__(self) -> str:
        return self.what


class Confirmation(models.Model):
    """Somebody's word that a gate is met, for the days and places that it was given for."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="confirmations")
    gate = models.CharField(max_length=20, choices=GateName)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    note = models.CharField(_("note"), max_length=300, blank=True)
    units = models.PositiveIntegerField(_("units on their way"), default=0)

    history = HistoricalRecords()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("plan", "gate"), name="one_word_per_gate"),)

    def __str__(self) -> str:
        return self.gate


class Override(models.Model):
    """A gate that an approver let pass though it is not green, for one content, with the reason."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="overrides")
    gate = models.CharField(max_length=20, choices=GateName)
    content_version = models.PositiveIntegerField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    reason = models.CharField(_("reason"), max_length=300)
    made = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "gate", "content_version"), name="one_override_per_gate"
            ),
        )

    def __str__(self) -> str:
        return self.gate


class Approval(models.Model):
    """The yes or no of a guardrail's approver to one content under one limit; the last counts."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="approvals")
    rule = models.CharField(max_length=24)
    # In the unit of the rule; None for answers given before it was kept.
    limit = models.FloatField(null=True, editable=False)
    content_version = models.PositiveIntegerField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    yes = models.BooleanField()
    made = models.DateTimeField(auto_now_add=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.rule


class MarketGuardrail(models.Model):
    """A guardrail as a market set it; a market without one is held to the standard."""

    market = models.CharField(max_length=40, editable=False)
    rule = models.CharField(max_length=24, editable=False)
    on = models.BooleanField(_("in force"), default=True)
    limit = models.FloatField(_("limit"), null=True, blank=True)
    kinds = models.JSONField(_("kinds of plan"), default=list, blank=True)
    role = models.CharField(_("who says yes"), max_length=24, choices=Role)
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("person who alone says yes"),
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("market", "rule"), name="one_guardrail_per_rule"),
        )

    def __str__(self) -> str:
        return self.rule


class Comment(models.Model):
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("comment"), max_length=2000)
    created = models.DateTimeField(auto_now_add=True)
    reply_to = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text


class Mention(models.Model):
    """Somebody named in a comment, and whether they have seen it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mentions")
    read = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("comment", "user"), name="one_mention_per_comment"),
        )

    def __str__(self) -> str:
        return str(self.user)


class Execution(models.Model):
    """What was done where, as somebody saw it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="executions")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("day"))
    store_ids = _names(_("stores where it was done"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("on", "pk")

    def __str__(self) -> str:
        return f"{self.on} {self.by}"


class FeedLink(models.Model):
    """The secret address of somebody's calendar of one market; only its fingerprint is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="feed_links")
    market = models.CharField(max_length=40, editable=False)
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True, editable=False)
    revoked = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-created", "-pk")

    def __str__(self) -> str:
        return self.name
