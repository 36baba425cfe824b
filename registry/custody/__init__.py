"""Keys that the office uses without signing: those over personal data."""
