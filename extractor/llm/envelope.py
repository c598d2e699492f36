"""What comes back from an endpoint, checked before anything reads it: each wrong shape has its own name."""

from __future__ import annotations

from typing import Any

from extractor.llm.failures import CutOff, EmptyReply, Refused, Rejected
from extractor.llm.mending import json_of
from extractor.llm.prices import Usage


def usage_of(completion: Any) -> Usage | None:
    """The tokens that a completion reports, None where it reports none."""
    usage = getattr(completion, "usage", None)
    prompt, reply = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    if not isinstance(prompt, int) or not isinstance(reply, int):
        return None
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
    return Usage(prompt, reply, cached if isinstance(cached, int) else 0)


def opened(completion: Any) -> Any:
    """The completion with the model's JSON as its content; raises the failure that it stands for."""
    if isinstance(completion, str):
        raise Rejected("answered with something other than JSON: is this the address of an API?")
    choices = getattr(completion, "choices", None)
    if not choices:
        raise EmptyReply(_said(completion) or "a completion without choices")
    choice = choices[0]
    message = getattr(choice, "message", None)
    if message is None:
        raise EmptyReply("a choice without a message")
    if refusal := getattr(message, "refusal", None):
        raise Refused(f"the model declined: {refusal}")
    if choice.finish_reason == "content_filter":
        raise Refused("stopped by a content filter")
    if choice.finish_reason == "length":
        raise CutOff("cut off at the output limit")
    text = _text(message)
    if not text.strip():
        raise EmptyReply("a completion without content")
    message.content = json_of(text)
    message.tool_calls = None
    return completion


def _said(completion: Any) -> str | None:
    """The error that some endpoints put into a completion of status 200."""
    error = (getattr(completion, "model_extra", None) or {}).get("error")
    if isinstance(error, dict):
        error = error.get("message")
    return f"an error in place of a completion: {error}" if error else None


def _text(message: Any) -> str:
    """What the model wrote: the arguments of its tool call, else its content."""
    for call in getattr(message, "tool_calls", None) or []:
        arguments = getattr(getattr(call, "function", None), "arguments", None)
        if isinstance(arguments, str) and arguments.strip():
            return arguments
    content = getattr(message, "content", None)
    return content if isinstance(content, str) else ""
