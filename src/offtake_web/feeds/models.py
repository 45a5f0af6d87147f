from __future__ import annotations

from django.db import models


class LoadRecord(models.Model):
    """What the ledger of a market's store says of one load, as it was when a job last read it.

    Pages cannot open the store while a job writes it, so each job copies the ledger when it ends.
    """

    market = models.CharField(max_length=40)
    load_id = models.PositiveIntegerField()
    contract = models.CharField(max_length=60)
    file = models.CharField(max_length=300)
    source = models.CharField(max_length=300, blank=True)
    profile = models.CharField(max_length=200, blank=True)
    rows_in = models.PositiveBigIntegerField()
    loaded = models.PositiveBigIntegerField()
    replaced = models.PositiveBigIntegerField()
    set_aside = models.PositiveBigIntegerField()
    duplicate = models.PositiveBigIntegerField()
    combined = models.PositiveBigIntegerField()
    still_open = models.PositiveBigIntegerField(default=0)
    unused_columns = models.JSONField(default=list)
    unchecked_references = models.JSONField(default=list)
    started = models.DateTimeField()
    seconds = models.FloatField()
    mend_file = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("-load_id",)
        constraints = (
            models.UniqueConstraint(fields=("market", "load_id"), name="one_record_per_load"),
        )

    def __str__(self) -> str:
        return f"{self.load_id}: {self.file}"


class Fault(models.Model):
    """One fault of a row that was set aside and waits to be mended; the first of each load only."""

    load = models.ForeignKey(LoadRecord, on_delete=models.CASCADE, related_name="faults")
    row = models.PositiveBigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    value = models.TextField(null=True)  # nothing is not the same as an empty cell
    reason = models.TextField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.row}, {self.column}: {self.reason}"
