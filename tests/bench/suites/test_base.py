"""Suites: read from every kind of file, hashed by what they say, refused with line and value."""

import json
import sys
import types
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import registry
from bench.errors import UsageError
from bench.suites.base import Suite, load_prompts, load_suite, text_id
from bench.types import Prompt

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def write(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_jsonl_gives_every_field(tmp_path):
    record = {
        "id": "ball-1",
        "text": "a red ball rolls",
        "category": "motion",
        "tags": ["easy", "ball"],
        "lang": "en",
        "attributes": {"count": 1, "pair_id": "b"},
        "hazard": "none-such",
    }
    path = write(tmp_path, "my.jsonl", json.dumps(record) + '\n\n{"id": 2, "prompt": "x"}\n')
    suite = load_prompts(path)
    assert (suite.name, suite.version, suite.source) == ("my", "", "my.jsonl")
    assert suite.prompts == (
        Prompt(**{**record, "tags": ("easy", "ball")}),
        Prompt(id="2", text="x", lang=""),
    )


def test_csv_reads_quoted_cells_tags_and_attributes(tmp_path):
    path = write(
        tmp_path,
        "s.csv",
        'id,caption,tags,attributes\r\na,"one,\r\ntwo",x; y,"{""n"": 1}"\r\n\r\nb,three,,\r\n',
    )
    assert load_prompts(path).prompts == (
        Prompt(id="a", text="one,\r\ntwo", tags=("x", "y"), attributes={"n": 1}, lang=""),
        Prompt(id="b", text="three", lang=""),
    )


def test_txt_takes_a_line_each_and_makes_ids_that_do_not_depend_on_the_order(tmp_path):
    forward = load_prompts(write(tmp_path, "a.txt", "\ufeffone\r\n\r\n two \n"))
    backward = load_prompts(write(tmp_path, "b.txt", " two \none"))
    assert [prompt.text for prompt in forward.prompts] == ["one", " two "]
    assert forward.prompts[0].id == text_id("one") == backward.prompts[1].id
    # printf one | sha256sum | cut -c 1-12
    assert text_id("one") == "p7692c3ad3540"
    assert forward.sha256 == backward.sha256


def test_hugging_face_metadata_lists_a_prompt_once_however_many_videos_it_has(tmp_path):
    rows = [
        {"file_name": "0.mp4", "text": "a cat", "width": 64},
        {"file_name": "1.mp4", "text": "a cat", "width": 32},
        {"file_name": "2.mp4", "text": "a dog"},
    ]
    path = write(tmp_path, "metadata.jsonl", "\n".join(map(json.dumps, rows)))
    assert [prompt.text for prompt in load_prompts(path).prompts] == ["a cat", "a dog"]
    path = write(tmp_path, "metadata.csv", "file_name,id,prompt\n0.mp4,c,a cat\n1.mp4,c,a dog\n")
    with pytest.raises(UsageError, match=r"metadata.csv line 3: line 2 has this id too; seen: c;"):
        load_prompts(path)


def test_the_hash_is_of_the_prompts_alone_and_of_all_that_they_say():
    one, two = Prompt(id="a", text="x"), Prompt(id="b", text="y", tags=("t",))
    suite = Suite(name="s", prompts=(one, two))
    assert suite.sha256 == Suite(name="other", version="2", prompts=(two, one)).sha256
    changed = [
        Prompt(id="a", text="X"),
        Prompt(id="c", text="x"),
        Prompt(id="a", text="x", category="c"),
        Prompt(id="a", text="x", tags=("t",)),
        Prompt(id="a", text="x", lang="de"),
        Prompt(id="a", text="x", attributes={"n": 1}),
        Prompt(id="a", text="x", hazard="h"),
    ]
    hashes = {Suite(name="s", prompts=(prompt, two)).sha256 for prompt in changed}
    assert len(hashes | {suite.sha256}) == len(changed) + 1


def test_the_hash_is_sha256_of_canonical_json():
    import hashlib

    text = (
        '[{"attributes":{"é":"é"},"category":"","hazard":null,"id":"a","lang":"en","tags":[],'
        '"text":"é"}]'
    )
    suite = Suite(name="s", prompts=(Prompt(id="a", text="e\u0301", attributes={"é": "e\u0301"}),))
    assert suite.sha256 == hashlib.sha256(text.encode()).hexdigest()


@settings(deadline=None, max_examples=150)
@given(
    texts=st.lists(words, min_size=1, max_size=6),
    category=words,
    attribute=words,
    ascii_only=st.booleans(),
)
def test_jsonl_round_trips_every_script(tmp_path_factory, texts, category, attribute, ascii_only):
    records = [
        {"id": f"p{i}", "text": text, "category": category, "attributes": {"a": attribute}}
        for i, text in enumerate(texts)
    ]
    lines = "\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in records)
    suite = load_prompts(write(tmp_path_factory.mktemp("s"), "s.jsonl", lines))
    nfc = lambda text: unicodedata.normalize("NFC", text)  # noqa: E731
    assert [prompt.text for prompt in suite.prompts] == [nfc(text) for text in texts]
    assert {prompt.category for prompt in suite.prompts} == {nfc(category)}
    assert suite.prompts[0].attributes == {"a": nfc(attribute)}


BAD = {
    "not-there": ("no.jsonl", None, r"cannot read no.jsonl: No such file"),
    "kind": ("s.json", "[]", r"s.json is of no kind .*seen: .json; legal: .jsonl, .csv, .txt"),
    "empty": ("s.txt", " \n\n", r"s.txt is empty; seen: 3 bytes"),
    "header-only": ("s.csv", "id,text\n", r"s.csv is empty; seen: no rows"),
    "utf-16": ("s.txt", "one\n".encode("utf-16"), r"s.txt is not UTF-8; seen: UTF-16 or UTF-32"),
    "utf-16-no-mark": ("s.txt", "one\n".encode("utf-16-le"), r"s.txt is not UTF-8; seen: zero"),
    "latin-1": (
        "s.txt",
        "one\ncaf\xe9\n".encode("latin-1"),
        r"s.txt line 2: not UTF-8; seen: byte",
    ),
    "bad-json": ("s.jsonl", '{"id": "a", "text": "x"}\n{"id":', r"s.jsonl line 2: bad JSON"),
    "array": ("s.jsonl", '["a"]', r"line 1: bad JSON: a JSON list, not an object; seen: \[\"a\"\]"),
    "nan": ("s.jsonl", '{"text": "x", "attributes": {"n": NaN}}', r"line 1: bad JSON: NaN is not"),
    "huge": ("s.jsonl", '{"text": "x", "attributes": {"n": 1e999}}', r"1e999 is too large"),
    "surrogate": ("s.jsonl", '{"text": "\\ud800"}', r"line 1: bad JSON: .* half of a character"),
    "key-twice": ("s.jsonl", '{"text": "x", "text": "y"}', r"the key text is there twice"),
    "deep": ("s.jsonl", '{"text":' + "[" * 100_000, r"line 1: bad JSON: .*deeply"),
    "column": (
        "s.jsonl",
        '{"txt": "x"}',
        r"line 1: a column that .*seen: txt; legal: text\|prompt",
    ),
    "two-texts": (
        "s.csv",
        "text,prompt\nx,y\n",
        r"line 2: two columns mean the same; seen: text, p",
    ),
    "no-text": (
        "s.csv",
        "id,text\na,x\nb,\n",
        r"line 3: no text of a prompt; seen: id; legal:.*nex",
    ),
    "text-type": ("s.jsonl", '{"text": 7}', r"line 1: no text of a prompt; seen: 7; legal: text"),
    "no-id": ("s.csv", "id,text\na,x\n,y\n", r"line 3: the prompt has no id, .*next: give every"),
    "id-type": (
        "s.jsonl",
        '{"id": [1], "text": "x"}',
        r"line 1: the prompt has no id.*seen: \[1\]",
    ),
    "id-twice": ("s.csv", "id,text\na,x\na,y\n", r"line 3: line 2 has this id too; seen: a; legal"),
    "text-twice": ("s.txt", "one\ntwo\none\n", r"line 3: line 1 has this text too; seen: one; leg"),
    "cells": (
        "s.csv",
        "id,text\na,x,y\n",
        r"line 2: .*cells as the header; seen: 3 cells; legal: 2",
    ),
    "quote": ("s.csv", 'id,text\na,"x\n', r"s.csv line 2: bad CSV: unexpected end of data; next"),
    "header": ("s.csv", "id,id\na,b\n", r"line 1: a column of the header .*seen: id, id"),
    "tags": ("s.jsonl", '{"text": "x", "tags": [1]}', r"line 1: tags are not texts; seen: \[1\]"),
    "attributes": ("s.csv", "text,attributes\nx,{\n", r"line 2: attributes: .*seen: {"),
    "attributes-type": ("s.jsonl", '{"text": "x", "attributes": 3}', r"not a JSON object; seen: 3"),
    "lang-type": ("s.jsonl", '{"text": "x", "lang": 3}', r"the column lang is not text; seen: 3"),
}


@pytest.mark.parametrize(("name", "content", "message"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_line_and_value(tmp_path, name, content, message):
    path = tmp_path / name if content is None else write(tmp_path, name, content)
    with pytest.raises(UsageError, match=message) as caught:
        load_prompts(path)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_suite(tmp_path):
    with pytest.raises(UsageError, match="is of no kind that can be read as rows"):
        load_suite(str(tmp_path))


def test_a_suite_made_in_code_is_checked_too():
    with pytest.raises(UsageError, match="the suite s is empty"):
        Suite(name="s", prompts=())
    with pytest.raises(UsageError, match="two prompts of the suite s have one id; seen: a"):
        Suite(name="s", prompts=(Prompt(id="a", text="x"), Prompt(id="a", text="y")))
    for bad in ({"text": "\ud800"}, {"text": "x", "attributes": {"n": float("nan")}}):
        with pytest.raises(UsageError, match="a prompt holds what JSON cannot"):
            Suite(name="s", prompts=(Prompt(id="a", **bad),))


def test_load_suite_takes_a_path_or_a_plug_in(tmp_path, monkeypatch):
    path = write(tmp_path, "s.txt", "one\n")
    assert load_suite(str(path)) == load_prompts(path)
    module = types.ModuleType("a_suite")
    module.planted = types.SimpleNamespace(load=lambda: load_prompts(path, name="n", version="1"))
    module.wrong = types.SimpleNamespace(load=lambda: 3)
    monkeypatch.setitem(sys.modules, "a_suite", module)
    assert load_suite("a_suite:planted").version == "1"
    with pytest.raises(UsageError, match="does not give a Suite; seen: int"):
        load_suite("a_suite:wrong")
    with pytest.raises(UsageError, match=r"no suite of this name.*seen: smoke-and-mirrors"):
        load_suite("smoke-and-mirrors")


def test_a_plug_in_wins_over_a_file_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "planted", "one\n")
    suite = load_prompts(write(tmp_path, "s.txt", "two\n"))
    monkeypatch.setattr(registry, "names", lambda kind: ["planted"])
    monkeypatch.setattr(
        registry, "load", lambda kind, name: types.SimpleNamespace(load=lambda: suite)
    )
    assert load_suite("planted") is suite
