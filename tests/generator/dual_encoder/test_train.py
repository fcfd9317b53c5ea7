"""Training the dual encoder: its loss by hand, its rate, a run that goes on where it was."""

import math

import numpy as np
import pytest
import torch
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from generator.dual_encoder import train
from generator.dual_encoder.network import preprocessor
from generator.dual_encoder.train import Options, Trainer, contrast, prepare, rate_of, run
from generator.world.render import render_batch
from generator.world.sampling import sample_scene

SMALL = Options(steps=4, batch=6, warm_up=2)


@pytest.fixture(autouse=True)
def small_corpus(monkeypatch):
    monkeypatch.setattr(train, "CORPUS", 50)


def test_the_loss_by_hand():
    images = torch.eye(2)
    texts = torch.tensor([[1.0, 0], [0, 1], [0, 1]])  # the third is a wrong caption like the second
    row, last = math.log(math.e + 2), math.log(2 * math.e + 1)
    of_images = (row + last) / 2 - 1
    of_texts = math.log(math.e + 1) - 1
    found = contrast(images, texts, torch.tensor(0.0))
    assert float(found) == pytest.approx((of_images + of_texts) / 2, rel=1e-6)


def test_the_rate_rises_and_falls():
    options = Options(steps=100, warm_up=10, learning_rate=1.0)
    assert rate_of(options, 0) == pytest.approx(0.1)
    assert rate_of(options, 10) == 1
    assert rate_of(options, 55) == pytest.approx(0.5)
    assert rate_of(options, 100) == pytest.approx(0)


@pytest.mark.parametrize("size", [(24, 40), (96, 160)])
def test_training_prepares_frames_nearly_as_the_checkpoint_asks(tmp_path, size):
    (tmp_path / "preprocessor_config.json").write_text(preprocessor())
    rng = np.random.default_rng(0)
    frames = render_batch([sample_scene(rng) for _ in range(4)], *size, np.array([1.0]))[:, 0]
    processor = CLIPImageProcessorPil.from_pretrained(tmp_path)
    expected = processor(images=list(frames), return_tensors="pt")["pixel_values"]
    off = (prepare([frames]) - expected).abs()
    assert float(off.mean()) < 0.02
    assert float(off.max()) < 0.5


def test_the_loss_falls_on_a_batch_seen_again(monkeypatch):
    trainer = Trainer(Options(batch=12, warm_up=1, steps=100))
    pairs = train.draw_pairs(12, np.random.default_rng(0))
    monkeypatch.setattr(train, "draw_pairs", lambda n, rng: pairs)
    losses = [trainer.train_step() for _ in range(25)]
    assert np.mean(losses[-3:]) < 0.6 * losses[0]


def test_a_stopped_run_ends_with_the_same_bits(tmp_path):
    whole, first, second = Trainer(SMALL), Trainer(SMALL), Trainer(SMALL)
    run(whole, tmp_path / "whole")
    first.train_step()
    first.train_step()
    train.save_checkpoint(first, tmp_path / "cut")
    run(second, tmp_path / "cut")
    assert second.log == whole.log
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, second.model.state_dict()[name]), name
    assert (tmp_path / "cut" / "losses.png").is_file()


def test_a_checkpoint_of_another_seed_is_refused(tmp_path):
    trainer = Trainer(SMALL)
    state = {**trainer.state(), "seed": 7}
    with pytest.raises(ValueError, match="of another run: seed; seen: 7; legal: 0; next"):
        trainer.load_state(state)


def test_the_command_ships_a_folder(tmp_path):
    out, folder = str(tmp_path / "out"), tmp_path / "ship"
    train.main(["--out", out, "--weights", str(folder), "--steps", "1", "--batch", "6"])
    names = {path.name for path in folder.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert "preprocessor_config.json" in names
