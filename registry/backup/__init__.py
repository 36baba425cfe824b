"""Backups as bytes: what is in one, in which order, and what must agree before it is believed."""
