"""The odd videos, made once for all tests of the room."""

import pytest

from support.odd_videos import OddVideos


@pytest.fixture(scope="session")
def odd(tmp_path_factory):
    """Makes a video of any kind that `support.odd_videos` knows, when it is first asked for."""
    return OddVideos(tmp_path_factory.mktemp("odd"))
