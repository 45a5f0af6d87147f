"""What an action refused, by the field that it names."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError


def by_field(error: ValidationError) -> dict[str, list[str]]:
    """Return the words of a refusal by field; those about no single field stand under ``""``."""
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}


def blame(form: forms.BaseForm, error: ValidationError) -> None:
    """Show a refusal at the fields of a form, and at its head what is about none of them."""
    for name, words in by_field(error).items():
        form.add_error(name if name in form.fields else None, words)
