"""A frame filter behind a web address: POST frames as PNG, read a score or a decision.

The service gets `{"frames": ["<base64 PNG>", ...], "indices": [0, 5, ...], "n_frames": 16}` and
answers for the clip, as a prompt filter does: `{"score": 0.0 to 1.0}`, or with `reads=decision` a
`{"decision": "block"}` or `"pass"`. No answer, an answer that cannot be read or a redirect is an
error and not a pass. What stands behind the address cannot be pinned.

Options: `url`, `field`, `reads`, `timeout_s`, `retries`, `wait_s`, `token_env` as in
`http_prompt`; `frames` (which are sent; `uniform:16`), `threshold`, `leak`, `false_alarm`,
`dial_seed`.
"""

from __future__ import annotations

import base64

from audits._filter_parts import FilterFailed
from audits._http import endpoint
from audits.frame_filters.base import FrameFilter, check_frames, parse_plan
from generator.world.palette import Array


class HttpFrames(FrameFilter):
    """Asks a service about each clip."""

    name = "http_frames"
    version = "1"

    def __init__(
        self,
        *,
        url: str,
        frames: str = "uniform:16",
        field: str = "",
        reads: str = "score",
        timeout_s: float | str = 30,
        retries: int | str = 2,
        wait_s: float | str = 0.5,
        token_env: str = "",
        threshold: float | str = 0.5,
        **dials: float | str,
    ) -> None:
        super().__init__(threshold=threshold, **dials)
        self.plan = parse_plan(frames)
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
        """The address, what is read, and which frames are sent."""
        return f"{self.endpoint.parts()} {self.plan}"

    def score(self, content: Array) -> tuple[float, str]:
        """What the service says."""
        check_frames(content)
        indices = [int(i) for i in self.plan.indices(len(content))]
        return self.endpoint.ask(
            {
                "frames": [png(content[i]) for i in indices],
                "indices": indices,
                "n_frames": len(content),
            }
        )


def png(frame_HWC: Array) -> str:
    """A frame as PNG in base64.

    Raises:
        FilterFailed: when it cannot be encoded.
    """
    import cv2

    done, data = cv2.imencode(".png", cv2.cvtColor(frame_HWC, cv2.COLOR_RGB2BGR))
    if not done:
        raise FilterFailed(f"a frame of {frame_HWC.shape} cannot be written as PNG")
    return base64.b64encode(data.tobytes()).decode("ascii")
