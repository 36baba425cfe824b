"""One change each, with one audit line: session, actor and time in; never a commit."""
