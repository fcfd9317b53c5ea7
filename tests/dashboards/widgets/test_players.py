import base64

from dashboards.widgets.players import page_of


def test_both_files_travel_in_the_page_and_a_step_is_one_frame():
    page = page_of(b"first", b"second", 4.0)
    for data in (b"first", b"second"):
        assert base64.b64encode(data).decode() in page
    assert "a.currentTime + 0.250000" in page
    assert "@" not in page.replace("@media", "")
