"""Scores against hand-labelled gold, leaf by leaf, and whether one run is better than another."""
