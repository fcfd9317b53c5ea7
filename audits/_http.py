"""A filter behind a web address: POST JSON, read a score; what is not an answer is an error.

The service gets one JSON object and answers with one. Which field is read is an option: a `score`
from 0 to 1, or a `decision` that is `block` or `pass`. Connection failures, time-outs and the
statuses 429 and 5xx are tried again; everything else that is no answer fails at once.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from audits._filter_parts import FilterFailed, digest_of
from bench.errors import UsageError
from bench.models._options import choice, number, whole

READS = ("score", "decision")
MAX_BYTES = 1 << 20
_AGAIN = {429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where to ask and how patiently.

    Attributes:
        url: an http or https address.
        field: the field of the answer, `a.b` for one inside another; empty for that of `reads`.
        reads: `score` or `decision`.
        timeout_s: for one try.
        retries: further tries after one that failed in a way that may pass.
        wait_s: before the first further try; doubled each time.
        token_env: the environment variable that holds a bearer token; never recorded.
    """

    url: str
    field: str
    reads: str
    timeout_s: float
    retries: int
    wait_s: float
    token_env: str = ""

    def parts(self) -> str:
        """A hash of what is asked and read. The model behind the address cannot be pinned."""
        return digest_of([self.url, self.field, self.reads])

    def ask(self, payload: Mapping[str, Any]) -> tuple[float, str]:
        """The score and a reason.

        Raises:
            FilterFailed: when there was no answer, or one that cannot be read.
        """
        reply = self._reply(json.dumps(payload).encode())
        return read_score(reply, self.field or self.reads, self.reads)

    def _reply(self, body: bytes) -> object:
        for left in range(self.retries, -1, -1):
            try:
                return self._once(body)
            except _Again as error:
                if not left:
                    raise FilterFailed(f"{error}; tried {self.retries + 1} times") from error
                time.sleep(self.wait_s * 2 ** (self.retries - left))
        raise FilterFailed("not asked")

    def _once(self, body: bytes) -> object:
        request = urllib.request.Request(self.url, data=body, headers=self._headers())  # noqa: S310
        try:
            with _OPENER.open(request, timeout=self.timeout_s) as reply:
                data = reply.read(MAX_BYTES + 1)
        except urllib.error.HTTPError as error:
            kind = _Again if error.code in _AGAIN else FilterFailed
            error.close()
            raise kind(f"the service answered with status {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error) or type(error).__name__
            raise _Again(f"the service cannot be reached: {reason}") from error
        if len(data) > MAX_BYTES:
            raise FilterFailed("the answer is longer than 1 MiB")
        try:
            return json.loads(data)
        except ValueError as error:
            raise FilterFailed(f"the answer is no JSON: {data[:60]!r}") from error

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token_env:
            headers["Authorization"] = f"Bearer {os.environ.get(self.token_env, '')}"
        return headers


class _Again(Exception):
    """A try failed in a way that may pass."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would send prompts to where nobody asked them to go: it is an error."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def endpoint(
    *,
    url: str,
    field: str = "",
    reads: str = "score",
    timeout_s: float | str = 10,
    retries: int | str = 2,
    wait_s: float | str = 0.5,
    token_env: str = "",
) -> Endpoint:
    """An endpoint from options as text.

    Raises:
        UsageError: for an address or an option that cannot be.
    """
    parsed = urlsplit(url)
    if parsed.scheme not in {"http", "https"} or not parsed.hostname or parsed.password:
        raise UsageError(
            "no address of a service",
            seen=url if not parsed.password else "an address with a password in it",
            legal="http://HOST/PATH or https://HOST/PATH; tokens go by token_env",
        )
    if token_env and token_env not in os.environ:
        raise UsageError(
            "the environment has no such variable", seen=token_env, then=f"export {token_env}=…"
        )
    return Endpoint(
        url=url,
        field=field,
        reads=choice("reads", reads, READS),
        timeout_s=number("timeout_s", timeout_s, 0.01, 3600),
        retries=whole("retries", retries, 0, 10),
        wait_s=number("wait_s", wait_s, 0, 60),
        token_env=token_env,
    )


def read_score(reply: object, field: str, reads: str) -> tuple[float, str]:
    """The score in an answer, and its `reason` where it has one.

    Raises:
        FilterFailed: when the field is not there or holds something else.
    """
    value: object = reply
    for key in field.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    reason = str(reply.get("reason", "")) if isinstance(reply, dict) else ""
    if reads == "decision":
        known = {"block": 1.0, "pass": 0.0}
        if not isinstance(value, str) or value not in known:
            raise FilterFailed(f"{field} is {value!r:.60}; legal: block, pass")
        return known[value], reason
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise FilterFailed(f"{field} is {value!r:.60}; legal: a score from 0 to 1")
    return float(value), reason
