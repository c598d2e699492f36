"""How a call can fail, and what is done about it.

    CallFailed                  recorded in the result, the run goes on
    ├── Transient               429, 5xx, reset, timeout: tried again, with a pause that grows
    │   └── Unreachable             no connection could be made
    ├── CutOff                  the reply ended at the output limit: the part is split
    ├── Refused                 the model or a filter declined
    ├── EmptyReply              nothing in it
    ├── Invalid                 no valid reply after the errors were shown
    ├── Rejected                the endpoint does not take such a request (400, 422)
    └── CeilingReached          the run's limit of money or tokens: skipped, not failed

A wrong key, an unknown model or an endpoint that never answered is `NoEndpoint` and ends the run.
"""

from __future__ import annotations


class CallFailed(Exception):
    """A call that gave no reply; its text is one line and holds no secret."""

    kind = "failed"


class Transient(CallFailed):
    """May work when tried again; `retry_after` in seconds where the endpoint named it."""

    kind = "transport"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unreachable(Transient):
    """No connection could be made."""


class CutOff(CallFailed):
    """The reply was cut off at the output limit, or the request was longer than the model reads."""

    kind = "cut off"


class Refused(CallFailed):
    """The model or a content filter declined to answer."""

    kind = "refused"


class EmptyReply(CallFailed):
    """A completion without content."""

    kind = "empty"


class Invalid(CallFailed):
    """The reply did not satisfy its schema, not even after re-asking."""

    kind = "invalid"


class Rejected(CallFailed):
    """The endpoint answered that it cannot serve such a request."""

    kind = "rejected"


class CeilingReached(CallFailed):
    """The run's ceiling of money or tokens does not allow the call."""

    kind = "ceiling"
