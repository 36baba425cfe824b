"""Workbooks and tables: bytes in, bytes out; never a database session."""
