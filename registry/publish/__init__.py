"""Bytes for the public: signed lists, tiles, notes and documents, and the tree they lie in."""
