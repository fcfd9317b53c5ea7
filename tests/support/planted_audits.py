"""Audits with worlds of their own, of which one keeps what it says and one does not."""

from __future__ import annotations

from types import SimpleNamespace


def _tally(n, k, least=0.93, most=0.97):
    return SimpleNamespace(world="w", question="q", k=k, n=n, least=least, most=most)


class Honest:
    name, version = "honest", "1"

    @staticmethod
    def simulate(n, seed, notify):
        for index in range(n):
            notify(n, str(index))
        return [_tally(n, 0.95 * n)]


class Wrong(Honest):
    name = "wrong"

    @staticmethod
    def simulate(n, seed, notify):
        return [_tally(n, 0.95 * n), _tally(n, 0.5 * n)]


class Rough(Honest):
    name = "rough"

    @staticmethod
    def simulate(n, seed, notify):
        return [_tally(n, 0.92 * n)]


class Plain:
    name, version = "plain", "1"
