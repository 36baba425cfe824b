"""What signs: algorithms, signers, envelopes, custody and ceremonies.

This package does not know what a certificate is; see ``keys/README.md``.
"""
