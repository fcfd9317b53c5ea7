"""Audits of a run: chained, resumed, reused, verified; each wrong state has its line."""

import json
import shutil

import pytest

from bench.auditing import audit, audit_problems
from bench.errors import RunDamaged, UsageError
from bench.findings import read_findings
from bench.runs import FINDINGS, JOURNAL, file_sha256, read_journal
from bench.verification import verify
from support.audits import BRIGHTNESS, DYING, FICKLE, Dying, Fickle, scored
from support.folders import run_bytes

pytestmark = pytest.mark.usefixtures("private_cache")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return scored(tmp_path_factory.mktemp("scored"))


@pytest.fixture
def finished(made, tmp_path):
    return shutil.copytree(made, tmp_path / "run")


@pytest.fixture
def log(tmp_path):
    return tmp_path / "asked.log"


def test_an_audit_leaves_a_chain_and_its_findings(finished):
    done = audit(finished, BRIGHTNESS, {"limit": "10"})
    (finding,) = done.findings
    assert (finding.value, finding.k, finding.n) == (1.0, 3, 3)
    assert finding.key["settings"] == {"limit": 10.0}
    assert read_findings(finished) == [finding]
    events, _ = read_journal(done.path / JOURNAL)
    assert [event.kind for event in events] == ["audit", *["trial"] * 3, "file", "end"]
    run_events, _ = read_journal(finished / JOURNAL)
    assert events[0].data["run"] == run_events[-1].hash
    assert events[-2].data["sha256"] == file_sha256(done.path / "findings.jsonl")
    assert all(check.ok for check in verify(finished))


def test_the_run_itself_is_never_touched(finished):
    before = run_bytes(finished)
    audit(finished, BRIGHTNESS)
    after = run_bytes(finished)
    assert {name: data for name, data in after.items() if not name.startswith("6-")} == before


def test_a_finished_audit_is_not_asked_again(finished, log):
    first = audit(finished, BRIGHTNESS, {"log": str(log)})
    asked = log.read_text()
    again = audit(finished, BRIGHTNESS, {"log": str(log)})
    assert (first.reused, again.reused) == (False, True)
    assert log.read_text() == asked
    assert audit(finished, BRIGHTNESS, {"log": str(log)}, afresh=True).reused is False
    assert log.read_text() == 2 * asked


def test_other_options_make_it_anew(finished):
    audit(finished, BRIGHTNESS, {"limit": "10"})
    done = audit(finished, BRIGHTNESS, {"limit": "255"})
    assert not done.reused
    assert [f.value for f in read_findings(finished)] == [0.0]


def test_a_killed_audit_goes_on_to_the_same_bytes(finished, log, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        audit(finished, DYING, {"log": str(log)})
    assert len(log.read_text().splitlines()) == 3
    assert "is not finished" in dict(audit_problems(finished))["6-audits/brightness"]
    monkeypatch.setattr(Dying, "deadly", False)
    done = audit(finished, DYING, {"log": str(log)})
    # two answers were kept; the third was asked for and lost with the process
    assert len(log.read_text().splitlines()) == 4
    held = run_bytes(done.path)
    assert run_bytes(audit(finished, DYING, {"log": str(log)}, afresh=True).path) == held


def test_an_audit_that_does_not_repeat_is_refused(finished, monkeypatch):
    monkeypatch.setattr(Fickle, "calls", 0)
    with pytest.raises(KeyboardInterrupt):
        audit(finished, FICKLE)
    with pytest.raises(RunDamaged, match=r"does not repeat: event 1 .*--afresh"):
        audit(finished, FICKLE)
    assert not audit(finished, FICKLE, afresh=True).reused


@pytest.mark.parametrize("name", ["journal.jsonl", "findings.jsonl"])
def test_one_flipped_byte_is_found(finished, name):
    done = audit(finished, BRIGHTNESS)
    path = done.path / name
    data = bytearray(path.read_bytes())
    for place in range(0, len(data), max(1, len(data) // 7)):
        flipped = bytearray(data)
        flipped[place] ^= 1
        path.write_bytes(bytes(flipped))
        bad = {check.name for check in verify(finished) if not check.ok}
        assert "6-audits/brightness" in bad, place
    path.write_bytes(bytes(data))
    assert all(check.ok for check in verify(finished))


def test_findings_that_do_not_follow_from_the_journal_are_found(finished):
    from bench.runs import chain, write_jsonl

    done = audit(finished, BRIGHTNESS)
    path = done.path / "findings.jsonl"
    record = json.loads(path.read_bytes())
    write_jsonl(path, iter([{**record, "value": 0.0, "k": 0}]))
    # whoever changes a finding can mend the chain behind it too
    events, _ = read_journal(done.path / JOURNAL)
    file = chain(4, "file", {**events[4].data, "sha256": file_sha256(path)}, events[3].hash)
    lines = [*events[:4], file, chain(5, "end", {}, file.hash)]
    (done.path / JOURNAL).write_bytes(b"".join(event.line() for event in lines))
    problem = dict(audit_problems(finished))["6-audits/brightness"]
    assert problem == "its findings do not follow from its journal"


def test_the_union_is_checked_and_put_right(finished):
    audit(finished, BRIGHTNESS)
    (finished / FINDINGS).write_bytes(b"")
    bad = [check.name for check in verify(finished) if not check.ok]
    assert bad == [FINDINGS]
    audit(finished, BRIGHTNESS, afresh=True)
    assert all(check.ok for check in verify(finished))


def test_findings_changed_behind_the_chain_are_made_again(finished):
    done = audit(finished, BRIGHTNESS)
    held = run_bytes(done.path)
    (done.path / "findings.jsonl").write_bytes(b"{}\n")
    assert not audit(finished, BRIGHTNESS).reused
    assert run_bytes(done.path) == held


def test_a_run_that_is_not_finished_is_refused(finished):
    data = (finished / JOURNAL).read_bytes().splitlines(keepends=True)
    (finished / JOURNAL).write_bytes(b"".join(data[:-1]))
    with pytest.raises(UsageError, match=r"is not finished.*next: run the same prescreen run"):
        audit(finished, BRIGHTNESS)


def test_an_audit_of_another_state_of_the_run_is_found(finished):
    from bench.runs import chain

    audit(finished, BRIGHTNESS)
    events, _ = read_journal(finished / JOURNAL)
    more = chain(len(events), "end", {}, events[-1].hash)
    with (finished / JOURNAL).open("ab") as file:
        file.write(more.line())
    problem = dict(audit_problems(finished))["6-audits/brightness"]
    assert problem.startswith("was made of another state of the run; next: prescreen audit")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("filterz", {}, "no audit of this name"),
        (BRIGHTNESS, {"colour": "red"}, "refuses its options"),
        (BRIGHTNESS, {"limit": "high"}, "refuses its options"),
        ("support.audits:Nameless", {}, "is not an audit"),
        ("support.clips:moving", {}, "is not an audit"),
    ],
)
def test_what_cannot_be_asked(finished, name, options, message):
    with pytest.raises(UsageError, match=message):
        audit(finished, name, options)


@pytest.mark.parametrize("setting", [{"confidence": 1.0}, {"n_resamples": 5}])
def test_impossible_settings(finished, setting):
    with pytest.raises(UsageError, match=r"legal: (0\.5 to 0\.999|100 or more)"):
        audit(finished, BRIGHTNESS, **setting)


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(UsageError, match="is not a finished run folder"):
        audit(tmp_path, BRIGHTNESS)


def test_a_plug_in_that_fails_on_old_records_is_a_bad_check(finished, monkeypatch):
    from support.audits import Brightness

    audit(finished, BRIGHTNESS)
    monkeypatch.setattr(Brightness, "findings", lambda self, records, setting: records[0]["gone"])
    problem = dict(audit_problems(finished))["6-audits/brightness"]
    assert problem == "the audit failed with KeyError: 'gone'"
