"""Worker processes on this machine: a crash in one costs the video that caused it, nothing else.

Each worker uses one thread, so that a video's features do not depend on how many workers there are,
and ends when the process that started it does. Shards go out in order and come back in order.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from bench.features.base import Extractor
from bench.features.feed import Job, Reading, read_shard
from bench.types import Arrays

_extractors: dict[str, Extractor] = {}


def default_workers() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Local:
    """Reads features with `workers` processes (default: one a core)."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or default_workers()

    def read(self, shards: Sequence[Sequence[Job]], specs: Sequence[str]) -> Iterator[Reading]:
        """The readings of all jobs, in order, as they become available.

        Args:
            shards: jobs that go to a worker together.
            specs: the extractors to read with, as the registry builds them.
        """
        todo = deque(shards)
        while todo:
            try:
                yield from self._through_one_pool(todo, specs)
            except BrokenProcessPool:
                yield from self._one_by_one(todo.popleft(), specs)

    def embed_texts(self, spec: str, texts: Sequence[str]) -> list[Arrays]:
        """Features of prompts, read by the extractor `spec` in a worker."""
        with self._pool([spec], 1) as pool:
            return pool.submit(_embed_texts, spec, tuple(texts)).result()

    def _pool(self, specs: Sequence[str], workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            max_workers=workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(tuple(specs),),
        )

    def _through_one_pool(
        self, todo: deque[Sequence[Job]], specs: Sequence[str]
    ) -> Iterator[Reading]:
        workers = min(self.workers, len(todo))
        with self._pool(specs, workers) as pool:
            running: deque[Future[list[Reading]]] = deque()
            waiting = deque(todo)
            while waiting or running:
                # a few shards ahead keep the workers busy without holding all results at once
                while waiting and len(running) < workers + 2:
                    running.append(pool.submit(_work, tuple(waiting.popleft())))
                readings = running.popleft().result()
                todo.popleft()
                yield from readings

    def _one_by_one(self, shard: Sequence[Job], specs: Sequence[str]) -> Iterator[Reading]:
        """Read a shard whose worker died, each video in its own process, to find the culprit."""
        for job in shard:
            try:
                with self._pool(specs, 1) as pool:
                    readings = pool.submit(_work, (job,)).result()
            except BrokenProcessPool:
                readings = [Reading.failed(job, "the worker process died while reading this video")]
            yield from readings


def _start_worker(specs: tuple[str, ...]) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    import cv2

    from bench import registry

    cv2.setNumThreads(1)
    _extractors.update((spec, registry.build("feature", spec)) for spec in specs)
    if any(extractor.uses_torch for extractor in _extractors.values()):
        import torch

        torch.set_num_threads(1)


def _die_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _embed_texts(spec: str, texts: tuple[str, ...]) -> list[Arrays]:
    return _extractors[spec].embed_text(texts)


def _work(shard: tuple[Job, ...]) -> list[Reading]:
    return read_shard(shard, _extractors)
