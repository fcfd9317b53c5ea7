import pandas as pd

from dashboards.widgets.charts import histogram, interval_chart, strip_chart

TABLE = pd.DataFrame(
    {"label": ["b", "a"], "value": [1.0, 2.0], "low": [0.5, 1.0], "high": [2, 3], "n": [4, 4]}
)


def test_an_interval_chart_draws_a_whisker_for_each_dot_in_the_rows_order():
    spec = interval_chart(TABLE, label="label", title="ssim (1)").to_dict()
    kinds = [layer["mark"]["type"] for layer in spec["layer"]]
    assert kinds == ["rule", "point"]
    assert spec["layer"][0]["encoding"]["x"]["field"] == "low"
    assert spec["layer"][0]["encoding"]["x2"]["field"] == "high"
    assert spec["layer"][1]["encoding"]["y"]["sort"] == ["b", "a"]


def test_candidate_and_real_videos_stand_apart_by_place_and_colour():
    both = TABLE.assign(source=["candidate", "reference"])
    encoding = interval_chart(both, label="label", title="x").to_dict()["layer"][1]["encoding"]
    assert encoding["color"]["field"] == encoding["yOffset"]["field"] == "source"


def test_the_worst_place_is_the_one_that_is_marked():
    spec = strip_chart([1.0, 5.0, 2.0], title="flicker", worst=1).to_dict()
    marked = spec["datasets"][spec["layer"][1]["data"]["name"]]
    assert marked == [{"place": 1, "value": 5.0}]


def test_a_histogram_counts_videos():
    spec = histogram([0.1, 0.2], title="x").to_dict()
    assert spec["encoding"]["y"]["aggregate"] == "count"
