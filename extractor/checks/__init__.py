"""What does not add up in a self-evaluation: small checks over its report, its evidence and its text."""
