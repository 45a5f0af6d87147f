"""The workspace under fifty people, behind granian and behind gunicorn."""
