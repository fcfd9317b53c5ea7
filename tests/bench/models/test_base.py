"""The records of videos that exist: the lines that people read, and a manifest's own prompts."""

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.models.base import Ambiguity, Ledger, ListedVideo, Listing, Made, Pair, load_model
from bench.suites.base import text_id
from bench.types import Outcome, Prompt


def listed(name, problem="", **said):
    return ListedVideo(name=name, path=None if problem else Path(name), problem=problem, **said)


def listing(*videos, **settings):
    return Listing(spec="v", root=Path("/data/clips"), videos=videos, **settings)


def test_the_summary_of_a_listing_names_what_is_not_read():
    assert listing(listed("a.mp4")).summary() == "1 video"
    line = listing(
        listed("a.mp4"),
        listed("b\n.mp4", problem="permission denied"),
        n_ignored=3,
        unread_columns=("width", "h\x1b[31m"),
    ).summary()
    assert line == (
        "2 videos, 1 cannot be opened (b\\n.mp4: permission denied), 3 other files ignored,"
        " columns not read: width, h\\x1b[31m"
    )


def test_a_manifests_texts_make_a_suite():
    suite = listing(
        listed("a.mp4", prompt_text="a cat", category="pets"),
        listed("b.mp4", prompt_text="a cat", category="pets"),
        listed("c.mp4", prompt_text="a dog", prompt_id="dog"),
        listed("d.mp4"),
    ).suite()
    assert suite is not None
    assert [(p.id, p.text, p.category) for p in suite.prompts] == [
        (text_id("a cat"), "a cat", "pets"),
        ("dog", "a dog", ""),
    ]
    assert suite.name == "clips"


def test_without_texts_there_is_no_suite():
    assert listing(listed("a.mp4", prompt_id="cat")).suite() is None


def test_one_prompt_with_two_texts_is_refused():
    two = listing(
        listed("a.mp4", prompt_id="p", prompt_text="a cat"),
        listed("b.mp4", prompt_id="p", prompt_text="a dog"),
    )
    with pytest.raises(UsageError, match=r"b\.mp4 gives the prompt p another text"):
        two.suite()


def ledger():
    cat, dog = Prompt(id="cat", text="a cat"), Prompt(id="dog", text="a dog")
    held = [listed("cat.mp4"), listed("dog.mp4", problem="missing"), listed("x.mp4"), listed("y")]
    return Ledger(
        n_prompts=3,
        videos=tuple(held),
        pairs=(
            Pair(video=held[0], prompt=cat, seed=None, how="file name"),
            Pair(video=held[1], prompt=dog, seed=None, how="file name"),
        ),
        prompts_without_videos=("cow",),
        videos_without_prompt=(held[2],),
        ambiguous=(Ambiguity(video=held[3], prompt_ids=("cat",), reason="too many"),),
    )


def test_a_prompt_is_answered_only_by_a_video_that_opens():
    assert ledger().counts() == {
        "n_prompts": 3,
        "n_prompts_answered": 1,
        "n_prompts_missing": 2,
        "n_videos": 4,
        "n_videos_without_prompt": 1,
        "n_videos_ambiguous": 1,
        "n_videos_unopenable": 1,
    }


def test_the_summary_of_a_ledger_has_every_count():
    assert ledger().summary() == (
        "1 of 3 prompts have videos, 2 missing, 1 video without a prompt,"
        " 1 video cannot be opened, 1 ambiguous video (y: too many)"
    )


def test_a_made_video_has_frames_exactly_where_it_went_well():
    with pytest.raises(ValueError, match="without frames"):
        Made(frames=None)
    with pytest.raises(ValueError, match="seen: suppressed with frames"):
        Made(frames=iter(()), outcome=Outcome.SUPPRESSED)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("folder", "folder makes no videos.*prescreen score"),
        ("cascad", "did you mean cascade"),
        ("support.models:Ask", "refuses its options|cannot be built"),
        ("bench.models.base:VIDEO_SUFFIXES", "cannot be built|refuses"),
    ],
)
def test_what_is_no_model_is_refused(spec, message):
    with pytest.raises(UsageError, match=message):
        load_model(spec)
