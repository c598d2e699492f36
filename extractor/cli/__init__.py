"""The command line: thin commands over the use cases; the only readers of settings and environment."""
