"""Every read for pages and API: one select, frozen rows, scoped here to what the actor may see."""
