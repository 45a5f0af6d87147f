from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ViewForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    shared = forms.BooleanField(label=_("Everybody may use it"), required=False)
    address = forms.CharField(widget=forms.HiddenInput, max_length=2000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
