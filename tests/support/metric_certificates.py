"""A small certificate with a row of each verdict."""

from bench.calibration.verdicts import RULE
from bench.certificates import Certificate, ClipsUsed, Effect, Row, Verdict

CASES = {
    "gaussian_blur": ("falls", Verdict.PASS, True, ""),
    "noise": ("rises", Verdict.FAIL, False, "the correlation is below 0.5"),
    "jpeg": ("blind", Verdict.BLIND, True, "it takes the damage for an improvement"),
    "h264": ("", Verdict.UNEXPECTED, True, "it falls with the damage: it sees it"),
    "black": ("rises", Verdict.NOT_ENOUGH, False, "the interval holds 0.5; more clips decide"),
}


def row(ladder, clips="phantom", n_clips=16):
    expected, verdict, meets, reason = CASES[ladder]
    effects = tuple(
        Effect(
            strength=s, level=float(s), mean=8.0 - s, change=-float(s), low=-s - 0.5,
            high=-s + 0.5, standardised=-s / 2,
        )
        for s in range(6)
    )  # fmt: skip
    return Row(
        clips=clips, column="sharpness", ladder=ladder, unit="sigma, px", expected=expected,
        tolerance=None, n_clips=n_clips, n_clusters=n_clips, rho=-1.0, low=-1.0, high=-0.9,
        effects=effects, verdict=verdict, meets=meets, reason=reason,
    )  # fmt: skip


def used(name="phantom", sha256=("a",), seed=0):
    return ClipsUsed(
        name=name, source="scenes", n_clips=16, n_reference=16, height_px=96, width_px=160,
        n_frames=16, fps=6.0, seed=seed, sha256=sha256, reference_sha256=("b",),
        environment={"numpy": "2"},
    )  # fmt: skip


def certificate(ladders=tuple(CASES), spec="sharpness", key=None):
    return Certificate(
        metric="sharpness", spec=spec, version="1", key=key or {"metric": "sharpness"}, rule=RULE,
        clips=(used(),), rows=tuple(row(ladder) for ladder in ladders), verdict=Verdict.FAIL,
        reason="sharpness on noise (phantom: fail)",
    )  # fmt: skip
