"""Forms as all of our pages show them."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Forms(TemplatesSetting):
    """A form with what is wrong above it, and each field with its label, help and error."""

    form_template_name = "common/form.html"
    field_template_name = "common/field.html"
