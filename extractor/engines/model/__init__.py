"""The model engine: narrow, schema-constrained calls over the parts of a document that each task needs."""
