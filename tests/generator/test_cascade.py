"""The pipeline: stages in order and alone, seeds, chunks, files of weights, wrong input."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from generator import presets
from generator.adapter import TextAdapter, TextCondition
from generator.cascade import INDEX, Cascade, as_generators, sampling_facts, write_index
from generator.samplers import Progress
from generator.stage import SamplingOptions, Stage
from generator.store import BadWeights, save_weights
from generator.text import TextStates
from generator.unet import VideoUNet
from support.generator import tiny_preset, tiny_stage

QUICK = SamplingOptions(n_steps=2)
pytestmark = pytest.mark.filterwarnings("ignore:.*lie outside the world's grammar")


class Letters:
    """A stand-in for a text encoder: a prompt's states are its letters."""

    name, width = "letters", 384

    def encode(self, prompts):
        states = torch.zeros(len(prompts), 64, 384)
        for i, prompt in enumerate(prompts):
            for j, letter in enumerate(prompt[:64]):
                states[i, j, ord(letter) % 384] = 5.0
        return TextStates(states_NLD=states, mask_NL=torch.ones(len(prompts), 64, dtype=torch.bool))


def network(stage) -> VideoUNet:
    torch.manual_seed(0)
    made = VideoUNet(stage.network)
    for parameter in made.parameters():  # nothing left at zero, nothing that grows
        parameter.data += 0.02 * torch.randn(parameter.shape)
    return made


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    """Three tiny stages: base, doubled frames, doubled size."""
    preset = tiny_preset()
    stages = {
        stage.name: Stage(replace(stage, n_steps=2), network(stage)) for stage in preset.stages[:3]
    }
    torch.manual_seed(0)
    return Cascade(preset, TextAdapter(preset.adapter), stages, encoder=Letters())


def test_output_comes_at_any_stage(cascade) -> None:
    sizes = {"base": (16, 24, 40), "tsr1": (32, 24, 40), "ssr1": (32, 48, 80)}
    for stage, size in sizes.items():
        out = cascade("a red ball", stage=stage, options=QUICK)
        assert (out.frames_NTHWC.shape, out.frames_NTHWC.dtype) == ((1, *size, 3), np.uint8)
        assert out.stage == stage
        assert out.fps == size[0] / 16 * 3


def test_the_seed_and_the_prompt_decide(cascade) -> None:
    def make(prompt, seed):
        return cascade(prompt, generator=seed, options=QUICK).frames_NTHWC

    assert np.array_equal(make("a", 1), make("a", 1))
    assert not np.array_equal(make("a", 1), make("a", 2))
    assert not np.array_equal(make("a", 1), make("zzzz", 1))


def test_a_batch_gives_what_its_videos_give_alone(cascade) -> None:
    both = cascade(["a", "zz"], generator=[4, 9], options=QUICK).frames_NTHWC.astype(int)
    alone = cascade("zz", generator=9, options=QUICK).frames_NTHWC.astype(int)
    assert np.abs(both[1] - alone[0]).max() <= 1


def test_a_temporal_stage_keeps_the_frames_it_was_given(cascade) -> None:
    base = cascade("a", options=QUICK).frames_NTHWC
    out = cascade.enlarge(base, "a", stage="tsr1", options=QUICK)
    assert np.array_equal(out.frames_NTHWC[:, ::2], base)


def test_the_callback_sees_every_step_of_every_stage(cascade) -> None:
    seen: list[Progress] = []
    cascade("a", stage="ssr1", options=QUICK, num_inference_steps=3, callback=seen.append)
    assert [(p.stage, p.step, p.n_steps) for p in seen] == [
        *(("base", i, 3) for i in (1, 2, 3)),
        *(("tsr1", i, 2) for i in (1, 2)),
        *(("ssr1", i, 2) for i in (1, 2)),
    ]
    assert seen[-1].x_hat_NTCHW.shape == (1, 32, 3, 48, 80)
    assert max(p.x_hat_NTCHW.abs().max().item() for p in seen) <= 1


@pytest.mark.parametrize("sampler", ["ddim", "dpm++", "stochastic"])
def test_every_sampler_runs(cascade, sampler) -> None:
    options = SamplingOptions(sampler=sampler, n_steps=3, guidance=4.0, oscillating=True)
    assert cascade("a", options=options).frames_NTHWC.std() > 0


def test_guidance_of_nothing_asks_the_network_once(cascade) -> None:
    calls = []
    handle = cascade.stages["base"].network.register_forward_hook(lambda *_: calls.append(1))
    for scale in (0.0, 2.0):
        cascade("a", num_inference_steps=3, guidance_scale=scale)
    handle.remove()
    assert len(calls) == 3 + 6


def test_chunks_of_the_last_stage_fit_to_the_bit() -> None:
    config = tiny_stage("ssr3", height_px=64, width_px=96)
    stage = Stage(config, network(config))
    assert stage.independent_frames
    generator = torch.Generator().manual_seed(0)
    low = torch.rand(1, 5, 3, 16, 24, generator=generator) * 2 - 1
    text = TextCondition(vector_NP=torch.ones(1, 256), slots_NSD=torch.ones(1, 12, 48))

    def chunks(n: int) -> torch.Tensor:
        options = SamplingOptions(n_steps=2, chunk_frames=n)
        parts = stage.sample_chunks(text, as_generators(3, 1), options, low)
        return torch.cat(list(parts), dim=1)

    whole = stage.sample(text, as_generators(3, 1), SamplingOptions(n_steps=2), low_NTCHW=low)
    assert whole.shape == (1, 5, 3, 64, 96)
    for n in (1, 2, 5):
        torch.testing.assert_close(chunks(n), whole, atol=2e-4, rtol=1e-4)


def test_a_stage_that_looks_across_frames_is_not_cut() -> None:
    config = tiny_stage("tsr1")
    stage = Stage(config, VideoUNet(config.network))
    text = TextCondition(vector_NP=torch.ones(1, 256), slots_NSD=torch.ones(1, 12, 48))
    with pytest.raises(ValueError, match="stage tsr1 looks across frames"):
        next(stage.sample_chunks(text, as_generators(0, 1), QUICK, torch.zeros(1, 2, 3, 24, 40)))


def test_a_stage_takes_only_its_size(cascade) -> None:
    with pytest.raises(ValueError, match=r"takes frames of 24 x 40; seen: 16 of 30 x 50"):
        cascade.enlarge(np.zeros((1, 16, 30, 50, 3), np.uint8), "a", stage="tsr1")
    with pytest.raises(ValueError, match="stage base is base; seen: some low-resolution video"):
        cascade.enlarge(np.zeros((1, 16, 24, 40, 3), np.uint8), "a", stage="base")


def test_wrong_stages_seeds_and_prompts_are_refused(cascade) -> None:
    with pytest.raises(ValueError, match="no such stage; seen: 'sr'; legal: base, tsr1"):
        cascade("a", stage="sr")
    with pytest.raises(ValueError, match=r"stage ssr3 needs weights of ssr2, tsr2, tsr3, ssr3"):
        cascade("a", stage="full")
    with pytest.raises(ValueError, match="one seed or generator for each video; seen: 2 for 1"):
        cascade("a", generator=[1, 2])
    with pytest.raises(ValueError, match="one prompt for each video; seen: 1 for 2"):
        cascade.enlarge(np.zeros((2, 16, 24, 40, 3), np.uint8), "a", stage="tsr1")


def test_what_is_saved_is_loaded_again(cascade, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(presets, "load", lambda name: cascade.preset)
    cascade.save_pretrained(tmp_path)
    again = Cascade.from_pretrained(tmp_path, encoder=Letters())
    assert list(again.stages) == ["base", "tsr1", "ssr1"]
    for name, stage in cascade.stages.items():
        for key, value in stage.network.state_dict().items():
            kept = again.stages[name].network.state_dict()[key]
            assert torch.equal(kept, value.half().float()), key
    assert again("a", options=QUICK).frames_NTHWC.shape == (1, 16, 24, 40, 3)


def test_a_student_is_the_default_and_brings_its_own_sampling(
    cascade, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(presets, "load", lambda name: cascade.preset)
    cascade.save_pretrained(tmp_path)
    student = replace(cascade.preset.stage("base"), n_steps=5, guidance=0.0)
    student = replace(student, noise=replace(student.noise, shift=-7.0))
    tensors = network(student).state_dict() | {"outlet.bias": torch.full((12,), 0.5)}
    save_weights(tmp_path / "base-student.safetensors", tensors, sampling_facts(student))
    write_index(tmp_path, cascade.preset)
    by_default = Cascade.from_pretrained(tmp_path, encoder=Letters()).stages
    teacher = Cascade.from_pretrained(tmp_path, variant="teacher", encoder=Letters()).stages
    config = by_default["base"].config
    assert (config.n_steps, config.guidance, config.noise.shift) == (5, 0.0, -7.0)
    assert by_default["base"].network.outlet.bias[0] == 0.5
    assert teacher["base"].config == cascade.stages["base"].config
    assert teacher["base"].network.outlet.bias[0] != 0.5
    assert by_default["tsr1"].config == teacher["tsr1"].config  # not distilled: the same
    with pytest.raises(ValueError, match="no such variant; seen: 'pupil'; legal: student, teacher"):
        Cascade.from_pretrained(tmp_path, variant="pupil")


def test_tampered_missing_and_foreign_weights_are_refused(cascade, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(presets, "load", lambda name: cascade.preset)
    cascade.save_pretrained(tmp_path)
    path = tmp_path / "tsr1.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(BadWeights, match=r"tsr1.safetensors is not the pinned file"):
        Cascade.from_pretrained(tmp_path)
    path.unlink()
    with pytest.raises(BadWeights, match=r"tsr1\.safetensors is named by the index and is not"):
        Cascade.from_pretrained(tmp_path)
    path.write_bytes(whole)
    index = json.loads((tmp_path / INDEX).read_text())
    index["files"]["base"] = index["files"]["ssr1"]
    (tmp_path / INDEX).write_text(json.dumps(index))
    with pytest.raises(BadWeights, match="not of imagen-video's stage base"):
        Cascade.from_pretrained(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 9}', '{"format": 1}'])
def test_a_broken_index_is_refused(tmp_path, text) -> None:
    (tmp_path / INDEX).write_text(text)
    with pytest.raises(BadWeights, match=INDEX):
        Cascade.from_pretrained(tmp_path)


def test_a_folder_without_a_cascade_says_what_is_legal(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=r"legal: .*imagen-video.*, or a folder with"):
        Cascade.from_pretrained(tmp_path / "nowhere")


def test_a_preset_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no such preset; seen: 'sora'; legal: "):
        presets.load("sora")


def last_stage_cut(cascade) -> Cascade:
    """The cascade with a second stage whose frames are independent."""
    ssr3 = replace(
        tiny_stage("ssr3"), name="big", height_px=96, width_px=160, n_frames=16, n_steps=2
    )
    base = cascade.preset.stages[0]
    preset = replace(cascade.preset, stages=(base, ssr3))
    parts = {"base": cascade.stages["base"], "big": Stage(ssr3, network(ssr3))}
    return Cascade(preset, cascade.adapter, parts, encoder=Letters())


def test_a_stream_gives_the_frames_of_a_call_one_by_one(cascade) -> None:
    for made in (cascade, last_stage_cut(cascade)):
        stage = list(made.stages)[1]
        whole = made("a", stage=stage, generator=5, options=QUICK).frames_NTHWC[0]
        stream = made.stream("a", stage=stage, generator=5, options=QUICK)
        frames = list(stream.frames)
        assert (
            (len(frames), *stream.size_px) == whole.shape[:3] == (stream.n_frames, *stream.size_px)
        )
        assert np.array_equal(np.stack(frames), whole)


def test_out_of_memory_says_what_to_do(cascade) -> None:
    made = last_stage_cut(cascade)

    def fail(*_: object) -> None:
        raise RuntimeError(
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
        )

    made.stages["big"].network.register_forward_pre_hook(fail)
    with pytest.raises(
        MemoryError, match=r"stage big; seen: 1 x 4 frames of 96 x 160.*chunk_frames=1\)"
    ):
        next(made.stream("a", options=QUICK).frames)
