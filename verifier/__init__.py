"""Opens any form of a certificate, checks it and reports; see ``verifier/README.md``."""
