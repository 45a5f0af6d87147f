"""Offtake: one set of numbers about what moves product off the shelf."""

__version__ = "0.1.0"
