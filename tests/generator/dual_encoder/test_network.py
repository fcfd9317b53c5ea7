"""The encoder's tokenizer and folder."""

import pytest
import torch
from transformers import CLIPTokenizer

from generator.dual_encoder.measure import Encoder
from generator.dual_encoder.network import (
    END,
    START,
    embed_captions,
    embed_images,
    learn_merges,
    load_checkpoint_folder,
    make_model,
    make_tokenizer,
    save_checkpoint_folder,
    token_ids,
)

WORDS = ["red red red", "red bed", "Bed, 10"]


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer(learn_merges(WORDS, 10))


def test_the_most_frequent_pair_is_merged_first_by_hand():
    # "e d" comes 6 times, then "r ed" 4 times, then "b ed" twice
    assert learn_merges(WORDS, 3) == [("e", "d</w>"), ("r", "ed</w>"), ("b", "ed</w>")]


def test_there_are_no_more_merges_than_pairs():
    assert len(learn_merges(["ab"], 10)) == 1


def test_learned_words_are_one_token_and_any_other_text_comes_back(tokenizer):
    assert tokenizer.tokenize("Red bed") == ["red</w>", "bed</w>"]
    for text in ("zebra", "東京 🐉", 'red-bed "quiz" 10'):
        ids = tokenizer(text)["input_ids"]
        assert tokenizer.unk_token_id not in ids[1:-1]
        assert "".join(tokenizer.decode(ids[1:-1]).split()) == "".join(text.split())


def test_tokens_are_filled_up_with_end_marks(tokenizer):
    ids = token_ids(tokenizer, ["red", "red bed red"])
    start, end = tokenizer.convert_tokens_to_ids([START, END])
    assert ids.shape == (2, 5)
    assert ids[0, 0] == start
    assert ids[0, 2:].tolist() == [end] * 3


def test_padding_and_company_do_not_matter(tokenizer):
    torch.manual_seed(0)
    model = make_model(tokenizer).eval()
    with torch.inference_mode():
        both = embed_captions(model, token_ids(tokenizer, ["red", "red bed red bed"]))
        alone = embed_captions(model, token_ids(tokenizer, ["red"]))
    torch.testing.assert_close(both[:1], alone, atol=1e-6, rtol=0)


def test_a_folder_comes_back_as_float16_says(tmp_path, tokenizer):
    torch.manual_seed(0)
    model = make_model(tokenizer).eval()
    save_checkpoint_folder(tmp_path, model, tokenizer)
    read, words = load_checkpoint_folder(tmp_path)
    x = torch.randn(2, 3, 48, 48)
    with torch.inference_mode():
        torch.testing.assert_close(embed_images(read, x), embed_images(model, x))
    assert words("red bed")["input_ids"] == tokenizer("red bed")["input_ids"]
    assert isinstance(words, CLIPTokenizer)
    size = Encoder(tmp_path).processor.size
    assert (size["height"], size["width"]) == (48, 48)
