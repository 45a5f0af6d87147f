"""Shoppers and brand: who buys, who came back, and why."""
