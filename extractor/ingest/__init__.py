"""Files into documents, one module a kind."""
