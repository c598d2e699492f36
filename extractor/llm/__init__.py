"""Calls to OpenAI-compatible endpoints: the only home of openai, instructor and tenacity."""
