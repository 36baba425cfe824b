"""What takes longer than one transaction: prepare, seal, issue, publish; each a resumable step."""
