"""How a registry is run and watched: log lines, counts, what a scraper reads; units for systemd."""
