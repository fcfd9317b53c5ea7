import shutil

import av
import pytest

from bench.errors import NotAVideo
from bench.videos.container import IMAGE_FORMATS, images, opened
from bench.videos.read import frames
from support.odd_videos import picture


def message_of(path, **settings):
    with pytest.raises(NotAVideo) as caught, opened(path, **settings):
        pass
    return str(caught.value)


# --- what may be opened


@pytest.mark.parametrize("name", ["clip.txt", "clip", "clip.png", "c:l%20i?p #1.mp4", "-i.mp4"])
def test_a_file_is_known_by_its_bytes_and_never_by_its_name(odd, tmp_path, name):
    path = tmp_path / name
    shutil.copy(odd("plain"), path)
    assert len(list(frames(path))) == 24


@pytest.mark.parametrize("kind", ["concat_script", "playlist", "text", "noise", "cut_late_index"])
def test_scripts_and_what_is_no_video_are_refused(odd, kind):
    message = message_of(odd(kind))
    assert message.startswith("the file cannot be opened as a video: ")
    assert f"seen: {kind}.mp4; legal: mp4, mov, mkv" in message
    assert "next: try to play it" in message


def test_a_concat_script_would_have_opened_the_file_beside_it(odd):
    assert odd("plain").name == "plain.mp4"
    script = odd("concat_script")
    with av.open(str(script)) as container:  # what a reader without a list of formats does
        assert len(list(container.decode(video=0))) == 24
    assert "cannot be opened" in message_of(script)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("empty", "the file is empty; seen: empty.mp4"),
        ("sound_only", "the file holds no video stream; seen: sound_only.m4a: audio"),
        ("cover_art", "the file holds cover art and no video; seen: cover_art.mp3: audio, video"),
        ("no_frames_mkv", "the file cannot be opened as a video: End of file"),
    ],
)
def test_a_file_without_video_says_what_it_holds(odd, kind, what):
    assert message_of(odd(kind)).startswith(what)


def test_no_file_and_a_folder_are_told_by_name_without_the_path(odd, tmp_path):
    assert message_of(tmp_path / "gone.mp4") == "there is no such file; seen: gone.mp4"
    assert message_of(odd("folder")) == "there is no such file; seen: folder"


def test_images_open_only_where_images_are_asked_for(odd):
    image = odd("folder") / "frame0.png"
    assert "cannot be opened" in message_of(image)
    with opened(image, IMAGE_FORMATS) as source:
        assert source.stream.codec_context.name == "png"


def test_a_title_in_another_character_set_does_no_harm(odd):
    with opened(odd("latin_title")) as source:
        assert "caf" in source.container.metadata["title"]


# --- packets and the decoder


@pytest.mark.parametrize("kind", ["plain", "webm", "alpha_vp9", "mkv", "gif"])
def test_one_thread_decodes(odd, kind):
    with opened(odd(kind)) as source:
        assert source.decoder.thread_count == 1
        assert source.decoder.thread_type.value == 0


def test_the_last_packet_is_the_one_that_flushes(odd):
    with opened(odd("plain")) as source:
        packets = list(source.packets())
    assert len(packets) == 25
    assert packets[-1].size == 0
    assert all(packet.size for packet in packets[:-1])


def test_a_damaged_stream_gives_its_whole_frames_and_no_error(odd):
    with opened(odd("damaged")) as source:
        n_frames = sum(len(source.decode(packet)) for packet in source.packets())
    assert n_frames == 21


def test_the_file_is_closed_at_the_end(odd):
    with opened(odd("plain")) as source:
        packet = next(source.packets())
    assert packet.size
    with pytest.raises(AssertionError, match="not open"):
        next(source.packets())


# --- folders of images


def make(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def test_images_come_in_the_order_of_their_numbers(tmp_path):
    names = ["frame10.png", "frame2.png", "frame1.png", "b.jpg", "a.JPEG", "frame02.png"]
    found = [file.name for file in images(make(tmp_path, *names))]
    assert found == ["a.JPEG", "b.jpg", "frame1.png", "frame02.png", "frame2.png", "frame10.png"]


def test_a_number_at_the_start_of_a_name_is_a_number_too(tmp_path):
    found = [file.name for file in images(make(tmp_path, "10.png", "9.png", "x.png", "100.png"))]
    assert found == ["x.png", "9.png", "10.png", "100.png"]


def test_other_files_hidden_files_and_folders_are_passed_over(tmp_path):
    make(tmp_path, "1.png", ".2.png", "notes.txt", "clip.mp4")
    assert [file.name for file in images(tmp_path)] == ["1.png"]


def test_a_folder_without_images_lists_what_an_image_is(odd):
    with pytest.raises(NotAVideo, match=r"holds no images; seen: folder_empty; legal: \.bmp, "):
        images(odd("folder_empty"))


def test_a_broken_image_is_a_frame_that_is_missing(odd, tmp_path):
    folder = shutil.copytree(odd("folder"), tmp_path / "copy")
    (folder / "frame3.png").write_bytes(b"no image")
    found = list(frames(folder))
    assert len(found) == 11
    assert (found[3].frame_HWC == picture(4)).all()
    assert found[3].time_s == pytest.approx(4 / 24)
