"""Worker processes on this machine: a crash in one costs the video that caused it, nothing else.

Each worker uses one thread, so that a video's features do not depend on how many workers there are,
and ends when the process that started it does. Shards go out in order and come back in order. A
failure that no extractor foresaw costs its video too; what is wrong with the machine (weights gone,
disk full) stops the run, so that it is not written down as the fault of a video.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TypeVar

from bench.errors import PrescreenError, VideoError, explain
from bench.features.base import Extractor
from bench.features.feed import Job, Reading, read_shard
from bench.generation import Record, Wanted, keep_failure, produce
from bench.models.base import VideoModel, load_model
from bench.types import Arrays

J = TypeVar("J")
R = TypeVar("R")


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
        work = functools.partial(_work, specs=tuple(specs))
        died = functools.partial(
            Reading.failed, reason="the worker process died while reading this video"
        )
        yield from self._each(shards, work, died, self.workers)

    def generate(
        self, batches: Sequence[Sequence[Wanted]], model: str, folder: Path
    ) -> Iterator[Record]:
        """The records of all wanted videos, in order; the videos lie in `folder` by then.

        Args:
            batches: what the model is asked for at once.
            model: its spec; each worker builds it once.
            folder: of the videos.
        """
        most = load_model(model).max_workers or self.workers
        work = functools.partial(_generate, model=model, folder=folder)
        died = functools.partial(
            keep_failure, folder, reason="the worker process died while making this video"
        )
        yield from self._each(batches, work, died, min(self.workers, most))

    def embed_texts(self, spec: str, texts: Sequence[str]) -> list[Arrays]:
        """Features of prompts, read by the extractor `spec` in a worker."""
        try:
            with self._pool(1) as pool:
                return pool.submit(_embed_texts, spec, tuple(texts)).result()
        except BrokenProcessPool as error:
            raise PrescreenError(
                f"the worker process died while {spec} read {len(texts)} prompts",
                then="free memory, then run the same command again",
            ) from error

    def _pool(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            max_workers=workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
        )

    def _each(
        self,
        shards: Sequence[Sequence[J]],
        work: Callable[[tuple[J, ...]], list[R]],
        died: Callable[[J], R],
        workers: int,
    ) -> Iterator[R]:
        """What `work` gives for all jobs, in order; `died` where a job took its worker with it."""
        todo = deque(shards)
        while todo:
            try:
                yield from self._through_one_pool(todo, work, workers)
            except BrokenProcessPool:
                yield from self._one_by_one(todo.popleft(), work, died)

    def _through_one_pool(
        self,
        todo: deque[Sequence[J]],
        work: Callable[[tuple[J, ...]], list[R]],
        workers: int,
    ) -> Iterator[R]:
        workers = min(workers, len(todo))
        with self._pool(workers) as pool:
            running: deque[Future[list[R]]] = deque()
            waiting = deque(todo)
            while waiting or running:
                # a few shards ahead keep the workers busy without holding all results at once
                while waiting and len(running) < workers + 2:
                    running.append(pool.submit(work, tuple(waiting.popleft())))
                results = running.popleft().result()
                todo.popleft()
                yield from results

    def _one_by_one(
        self,
        shard: Sequence[J],
        work: Callable[[tuple[J, ...]], list[R]],
        died: Callable[[J], R],
    ) -> Iterator[R]:
        """A shard whose worker died, each job in its own process, to find the culprit."""
        for job in shard:
            try:
                with self._pool(1) as pool:
                    results = pool.submit(work, (job,)).result()
            except BrokenProcessPool:
                results = [died(job)]
            yield from results


def _start_worker() -> None:
    # Ctrl-C reaches the whole process group: the parent alone answers it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


@functools.cache
def _extractors(specs: tuple[str, ...]) -> dict[str, Extractor]:
    """This worker's extractors.

    Built with the first job and not when the process starts, so that an extractor that cannot be
    built raises its own error and not the death of a process.
    """
    import cv2

    from bench import registry

    cv2.setNumThreads(1)
    extractors = {spec: registry.build("feature", spec) for spec in specs}
    if any(extractor.uses_torch for extractor in extractors.values()):
        import torch

        torch.set_num_threads(1)
    return extractors


@functools.cache
def _model(spec: str) -> VideoModel:
    """This worker's model."""
    model = load_model(spec)
    if model.uses_torch:
        import torch

        torch.set_num_threads(1)
    return model


def _generate(batch: tuple[Wanted, ...], *, model: str, folder: Path) -> list[Record]:
    return produce(_model(model), batch, folder)


def _embed_texts(spec: str, texts: tuple[str, ...]) -> list[Arrays]:
    return _extractors((spec,))[spec].embed_text(texts)


def _work(shard: tuple[Job, ...], *, specs: tuple[str, ...]) -> list[Reading]:
    extractors = _extractors(specs)
    try:
        return read_shard(shard, extractors)
    except PrescreenError as error:
        if not isinstance(error, VideoError):
            raise
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - an extractor may fail on one video in any way
        reason = explain(f"reading failed with {type(error).__name__}: {error}")
    if len(shard) == 1:
        return [Reading.failed(shard[0], reason)]
    return [reading for job in shard for reading in _work((job,), specs=specs)]
