from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    STOPPING = "stopping", _("stopping")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("failed")
    LOST = "lost", _("lost")


AT_WORK = (State.RUNNING, State.STOPPING)
UNDER_WAY = (State.WAITING, *AT_WORK)
CAN_RESTART = (State.STOPPED, State.FAILED, State.LOST)
SILENCE = timedelta(seconds=30)
"""A job whose worker has said nothing for so long is lost."""


class Job(models.Model):
    """One load, refresh or other long work, from when somebody asked for it until it ended.

    Jobs of one store run one after the other: its file has one writer at a time.
    """

    market = models.CharField(max_length=40)
    store = models.CharField(max_length=500)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    step = models.CharField(max_length=200, blank=True)
    share = models.FloatField(default=0.0)
    attempt = models.PositiveIntegerField(default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    outcome = models.JSONField(default=dict)

    class Meta:
        ordering = ("-created", "-pk")
        indexes = (models.Index(fields=("market", "-created")),)
        constraints = (
            models.UniqueConstraint(
                fields=("store",), condition=Q(state__in=AT_WORK), name="one_job_at_work_per_store"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def state_now(self) -> State:
        """The state, or that the worker has been silent for too long to be at work."""
        return State.LOST if self.silent(timezone.now()) else State(self.state)

    def silent(self, now: datetime) -> bool:
        return self.state in AT_WORK and (self.heartbeat is None or now - self.heartbeat > SILENCE)

    @property
    def under_way(self) -> bool:
        return self.state_now in UNDER_WAY

    @property
    def can_stop(self) -> bool:
        return self.state_now in (State.WAITING, State.RUNNING)

    @property
    def can_restart(self) -> bool:
        return self.state_now in CAN_RESTART

    @property
    def seconds(self) -> float | None:
        """How long it has been, or was, at work."""
        if self.started is None:
            return None
        until = self.ended or (self.heartbeat if self.state_now == State.LOST else timezone.now())
        return max(0.0, ((until or self.started) - self.started).total_seconds())
