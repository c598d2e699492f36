"""Extractions as files: JSON, an HTML page, a workbook, Markdown."""
