"""The rules engine: reads forms, grids and narratives without a model."""
