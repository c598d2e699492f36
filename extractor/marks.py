"""The marks that the tool leaves in what it writes, so that it never reads its own output as input."""

from __future__ import annotations

MARK = "extractor: report"
COMMENT = f"<!-- {MARK} -->"
RESULT_HEAD = '{\n  "schema": '
MANIFEST_JSON = '{\n "documents": '
MANIFEST_HEAD = "input,sha256,"
