"""Engines turn a document into a draft report: `rules` without a model."""
