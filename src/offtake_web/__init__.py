"""The self-hosted workspace around the Offtake library."""
