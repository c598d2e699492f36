"""Runs and comparisons to look at: terminal, Markdown, a page, JUnit XML."""
