"""A Python function as a prompt filter: `python_callable:function=package.module:name`.

The function takes the prompt and gives a score 0..1, True for block and False for pass, or a pair
of score and reason. Anything else, None and NaN too, is an error and not a pass. Options:
`threshold`, `leak`, `false_alarm`, `dial_seed`.
"""

from __future__ import annotations

from audits._callables import as_score, load_function, parts_of
from audits.prompt_filters.base import TextFilter


class PythonCallable(TextFilter):
    """Calls a function for each prompt."""

    name = "python_callable"
    version = "1"

    def __init__(
        self, *, function: str, threshold: float | str = 0.5, **dials: float | str
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        self.function = function
        self._call = load_function("prompt_filter", function)

    def parts(self) -> str:
        """The function's name and a hash of its module's source."""
        return parts_of("prompt_filter", self.function)

    def score(self, content: str) -> tuple[float, str]:
        """What the function gives."""
        return as_score(self._call(content))
