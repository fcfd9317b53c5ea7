"""Opens untrusted video files: only self-contained formats, only local bytes, one decoder thread.

A file is recognised by its bytes, never by its name. Playlists and scripts (HLS, DASH, concat) are
refused, because they make a demuxer open other files and addresses. One decoder thread, because
what several make of a damaged stream depends on how many they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from bench.errors import NotAVideo

VIDEO_FORMATS = (
    "mov,matroska,webm,avi,gif,apng,mpegts,mpeg,flv,ogg,asf,ivf,nut,mxf,yuv4mpegpipe,h264,hevc,"
    "mp3,wav,flac,aac"
)
"""Demuxers that may open a file; the audio ones only so that the message can say "no video"."""

IMAGE_FORMATS = "png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe"
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
FOLDER_FPS = 24.0
"""Frame rate of a folder of images, which has none of its own."""

_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""In WebM the alpha plane travels beside the picture, and only these decoders read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An open file, its one video stream and the decoder for it."""

    container: Any
    stream: Any
    decoder: Any

    def packets(self) -> Iterator[Any]:
        """The stream's packets, then the empty one that flushes the decoder.

        A container that cannot be read further ends here as if the file did.
        """
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                return
            if packet is None:
                return
            yield packet

    def decode(self, packet: Any) -> list[Any]:
        """The whole frames that a packet completes: what is cut, damaged or concealed is left out.

        A lost frame is noticed by the count: fewer frames decode than the file announces. Frames
        that were predicted from a lost one are decoded from what there is, as players do.
        """
        repeats = packet.size == 0 and packet.dts is not None  # in AVI: show the last frame again
        if packet.is_corrupt or repeats:
            return []
        try:
            frames = self.decoder.decode(packet)
        except av.FFmpegError:
            return []
        return [frame for frame in frames if not frame.is_corrupt]


@contextmanager
def opened(path: Path, formats: str = VIDEO_FORMATS) -> Iterator[Source]:
    """Open a file's video stream; it is closed at the end of the `with`.

    Raises:
        NotAVideo: when there is no such file, or no video in it.
    """
    if not path.is_file():
        raise NotAVideo("there is no such file", seen=path.name)
    if not path.stat().st_size:
        raise NotAVideo("the file is empty", seen=path.name)
    try:
        container = av.open(
            f"file:{path}",
            container_options={"format_whitelist": formats, "protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    except (av.FFmpegError, OSError) as error:
        raise NotAVideo(
            f"the file cannot be opened as a video: {error.strerror}",
            seen=path.name,
            legal="mp4, mov, mkv, webm, avi, gif, ... or a folder of images",
            then="try to play it; a file that was cut off may have lost its index: make it again",
        ) from error
    with container:
        stream = _video_stream(container, path.name)
        yield Source(container=container, stream=stream, decoder=_decoder(stream, path.name))


def _video_stream(container: Any, name: str) -> Any:
    cover = av.stream.Disposition.attached_pic
    held = container.streams.video
    streams = [stream for stream in held if not stream.disposition & cover]
    if streams:
        return streams[0]
    kinds = sorted({stream.type for stream in container.streams})
    what = "cover art and no video" if held else "no video stream"
    raise NotAVideo(f"the file holds {what}", seen=f"{name}: {', '.join(kinds) or 'no streams'}")


def _decoder(stream: Any, name: str) -> Any:
    decoder = stream.codec_context
    if decoder is None:
        raise NotAVideo("no decoder is known for the video stream", seen=name)
    with_alpha = _ALPHA_DECODERS.get(decoder.codec.canonical_name)
    if with_alpha and stream.metadata.get("alpha_mode") == "1":
        decoder = av.CodecContext.create(with_alpha, "r")
    decoder.thread_type = "NONE"
    decoder.thread_count = 1
    return decoder


def images(folder: Path) -> list[Path]:
    """The images of a folder in the order of the numbers in their names: frame2 before frame10.

    Other files, hidden files and folders below are passed over.

    Raises:
        NotAVideo: when there is none.
    """
    found = [
        file
        for file in folder.iterdir()
        if file.suffix.lower() in IMAGE_SUFFIXES and not file.name.startswith(".")
    ]
    if not found:
        raise NotAVideo(
            "the folder holds no images",
            seen=folder.name,
            legal=", ".join(sorted(IMAGE_SUFFIXES)),
        )
    return sorted(found, key=_natural)


def _natural(file: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.findall(r"(\d+)|(\D+)", file.name)
    return [(int(number or -1), text) for number, text in parts], file.name
