"""The demonstration: a whole registry of invented people, built by the real acts and works."""
