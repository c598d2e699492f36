"""The use case: a report and its findings into a review draft."""
