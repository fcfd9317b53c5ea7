"""Out of memory is one line that says what to do, whoever ran out of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from generator.memory import WHOLE, OutOfMemory, advice, guarded, is_memory

TORCH = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
OPENCV = "OpenCV(5.0.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 9 bytes"

LIMITED = """
import resource
import numpy as np
import torch
from dataclasses import replace
from generator.adapter import TextAdapter
from generator.cascade import Cascade
from generator.memory import OutOfMemory
from generator.stage import Stage
from generator.text import TextStates
from generator.unet import VideoUNet
from support.generator import tiny_preset

class Nothing:
    name, width = "nothing", 384

    def encode(self, prompts):
        n = len(prompts)
        return TextStates(
            states_NLD=torch.zeros(n, 4, 384), mask_NL=torch.ones(n, 4, dtype=torch.bool)
        )

torch.set_num_threads(1)
preset = tiny_preset()
stages = {s.name: Stage(s, VideoUNet(s.network)) for s in preset.stages}
cascade = Cascade(preset, TextAdapter(preset.adapter), stages, encoder=Nothing())
low = np.zeros((1, 128, 192, 320, 3), np.uint8)
cascade.encode(["a red ball"])
cascade.stages["ssr3"].network  # all that is loaded late is loaded by a small call first
cascade.enlarge(np.zeros((1, 32, 24, 40, 3), np.uint8), "a red ball", stage="ssr1")
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
for megabytes in (200, 700):
    resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * 2**20, hard))
    try:
        cascade.enlarge(low, "a red ball", stage="ssr3")
    except OutOfMemory as error:
        print(error)
"""


@pytest.mark.parametrize(
    "error",
    [RuntimeError(TORCH), ValueError(OPENCV), MemoryError(), RuntimeError("std::bad_alloc")],
)
def test_all_libraries_are_understood(error) -> None:
    assert is_memory(error)
    with (
        pytest.raises(OutOfMemory, match=r"^out of memory here; seen: much; next: ask for less$"),
        advice("here", "much", "ask for less"),
    ):
        raise error


def test_other_errors_pass_and_the_innermost_advice_stays() -> None:
    with pytest.raises(ValueError, match="wrong size"), advice("a", "b", "c"):
        raise ValueError("wrong size")
    with (
        pytest.raises(OutOfMemory, match="out of memory in the stage"),
        advice(*WHOLE),
        advice("in the stage", "4 frames", "fewer"),
    ):
        np.empty(2**60, np.uint8)


def test_items_pass_until_memory_ends() -> None:
    def frames():
        yield 1
        yield 2
        raise MemoryError

    seen = guarded(frames())
    assert [next(seen), next(seen)] == [1, 2]
    with pytest.raises(OutOfMemory, match="between frames"):
        next(seen)


def test_full_size_under_a_limit_is_one_line_of_advice() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=root,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")]),
            "OMP_NUM_THREADS": "1",
        },
    )
    assert done.returncode == 0, done.stderr[-500:]
    array, stage = done.stdout.splitlines()
    assert array == (
        "out of memory for the whole video; seen: all of its frames in one array; next: "
        "Cascade.stream(prompt), which gives them one by one, or an earlier stage"
    )
    assert stage == (
        "out of memory in stage ssr3; seen: 1 x 4 frames of 768 x 1280 at once; next: "
        "SamplingOptions(chunk_frames=1), or an earlier stage"
    )
