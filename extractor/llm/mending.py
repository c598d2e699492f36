"""A model's words as the JSON that was meant: fences, prose, thoughts and Chinese quotes undone."""

from __future__ import annotations

import json
import re

_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.S)
_FENCE = re.compile(r"```(?:json|JSON)?\s*\n?(.*?)```", re.S)
_QUOTES = {"“": '"', "”": '"', "„": '"', "＂": '"'}
_MARKS = {"：": ":", "，": ","}


def json_of(text: str) -> str:
    """The JSON object in a reply; the text itself where there is none that can be read."""
    if _is_object(text):
        return text
    bare = _THOUGHT.sub("", text).strip()
    for candidate in _candidates(bare):
        if _is_object(candidate):
            return candidate
        if _is_object(words := mended(candidate)):
            return words
    return bare


def _candidates(text: str) -> list[str]:
    """The whole text, what stands in fences, and what stands between the first brace and its partner."""
    found = [text, *(match.strip() for match in _FENCE.findall(text))]
    start = text.find("{")
    if start >= 0:
        found += [text[start : text.rfind("}") + 1], _balanced(text, start)]
    return [words for words in found if words.startswith(("{", "“"))]


def _balanced(text: str, start: int) -> str:
    """The object that begins at a brace, up to the brace that closes it."""
    depth = 0
    inside = escaped = False
    for i in range(start, len(text)):
        c = text[i]
        if escaped:
            escaped = False
        elif inside:
            escaped, inside = c == "\\", c != '"'
        elif c == '"':
            inside = True
        else:
            depth += (c == "{") - (c == "}")
            if depth == 0:
                return text[start : i + 1]
    return text[start:]


def mended(text: str) -> str:
    """Chinese quotes and punctuation where JSON wants its own, outside strings only."""
    out: list[str] = []
    closing = ""
    escaped = False
    for i, c in enumerate(text):
        if escaped:
            escaped = False
            out.append(c)
        elif not closing:
            if c == '"' or c in _QUOTES:
                closing = '"' if c == '"' else "”“„＂"
                out.append('"')
            else:
                out.append(_MARKS.get(c, c))
        elif c == "\\":
            escaped = True
            out.append(c)
        elif c in closing and (closing == '"' or _ends_string(text, i + 1)):
            closing = ""
            out.append('"')
        elif c == '"':
            out.append('\\"')
        else:
            out.append(c)
    return "".join(out)


def _ends_string(text: str, position: int) -> bool:
    """Whether what follows a Chinese quote says that it closed a string."""
    rest = text[position:].lstrip()
    return not rest or rest[0] in ":：,，]}"


def _is_object(words: str) -> bool:
    try:
        return isinstance(json.loads(words, strict=False), dict)
    except ValueError:
        return False
