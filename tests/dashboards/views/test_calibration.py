from streamlit.testing.v1 import AppTest

from bench.certificates import find_certificate


def page():
    from dashboards.views import calibration

    calibration.main()


def test_the_matrix_says_what_the_certificates_say(private_cache):
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    matrix = app.dataframe[0].value
    certificate = find_certificate("sharpness")
    assert matrix.loc["sharpness", "verdict"] == str(certificate.verdict)
    blur = {str(row.verdict) for row in certificate.rows if row.ladder == "gaussian_blur"}
    assert matrix.loc["sharpness", "gaussian_blur"] in blur


def test_a_metric_and_a_ladder_can_be_chosen(private_cache):
    app = AppTest.from_function(page, default_timeout=60).run()
    app.selectbox(key="metric").select("sharpness").run()
    app.selectbox(key="ladder").select("noise").run()
    assert not app.exception
    rows = app.dataframe[1].value
    held = [row for row in find_certificate("sharpness").rows if row.ladder == "noise"]
    assert rows["rho"].tolist() == [row.rho for row in held]


def test_the_damage_can_be_looked_at(private_cache):
    from dashboards.views.calibration import _film

    clean, noisy = _film("noise", 0, 0), _film("noise", 5, 0)
    assert clean[4:8] == noisy[4:8] == b"ftyp"
    assert len(noisy) > 2 * len(clean)
