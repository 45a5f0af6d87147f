"""What is said of a job that failed, as templates to translate."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

SENTENCES = (
    _("somebody asked for it to stop"),
    _("market %(code_name)s is no longer one of this installation"),
)
