"""A prompt filter behind a web address: POST `{"prompt": TEXT}`, read a score or a decision.

`http_prompt:url=http://localhost:8000/check` expects `{"score": 0.0 to 1.0}`, and with
`reads=decision` a `{"decision": "block"}` or `"pass"`. No answer, an answer that cannot be read or
a redirect is an error and not a pass. What stands behind the address cannot be pinned, so two
audits of one address may be of two models.

Options: `url`, `field` (`result.score`: a field inside another), `reads`, `timeout_s`, `retries`,
`wait_s` (doubled each time), `token_env` (the environment variable with a bearer token; it is not
recorded), `threshold`, `leak`, `false_alarm`, `dial_seed`.
"""

from __future__ import annotations

from audits._http import endpoint
from audits.prompt_filters.base import TextFilter, readable


class HttpPrompt(TextFilter):
    """Asks a service about each prompt."""

    name = "http_prompt"
    version = "1"

    def __init__(
        self,
        *,
        url: str,
        field: str = "",
        reads: str = "score",
        timeout_s: float | str = 10,
        retries: int | str = 2,
        wait_s: float | str = 0.5,
        token_env: str = "",
        threshold: float | str = 0.5,
        **dials: float | str,
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        self.endpoint = endpoint(
            url=url,
            field=field,
            reads=reads,
            timeout_s=timeout_s,
            retries=retries,
            wait_s=wait_s,
            token_env=token_env,
        )

    def parts(self) -> str:
        """A hash of the address and of what is read."""
        return self.endpoint.parts()

    def score(self, content: str) -> tuple[float, str]:
        """What the service says."""
        return self.endpoint.ask({"prompt": readable(content)})
