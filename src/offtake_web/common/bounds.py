"""How much of a file is taken where a view does not say so itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

MOST_BYTES = 16 * 2**20


class BoundedUpload(TemporaryFileUploadHandler):
    """Refuses what is large before anything is written: strangers can send files too."""

    def handle_raw_input(
        self,
        input_data: object,
        META: object,  # noqa: N803  # as Django calls it
        content_length: int,
        *more: Any,
        **named: Any,
    ) -> None:
        if content_length > MOST_BYTES:
            raise RequestDataTooBig(f"{content_length} bytes; allowed: {MOST_BYTES}")
