"""Pages and interface: parse, one act, commit, then render. Never a signing key."""
