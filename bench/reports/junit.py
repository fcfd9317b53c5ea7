"""A gate's decision as JUnit XML, which CI systems read: each line of the policy a test case.

PASS is a passing case, FAIL a `<failure>`. INCONCLUSIVE is an `<error>`, because CI systems count
`<skipped>` as green, and a release that was not decided is not green. A line that a waiver sets
aside is `<skipped>`, with the owner and the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bench.errors import printable
from bench.home import write_atomic


def write_junit(path: Path, record: Mapping[str, Any]) -> None:
    """Write a decision; equal decisions give equal bytes."""
    write_atomic(path, junit(record))


def write_could_not_run(path: Path, reason: str) -> None:
    """Write a suite of one error, for a CI that looks at the file alone."""
    suite = _suite("prescreen gate", 1, errors=1)
    _put(_case(suite, "could not run"), "error", "could not run", reason)
    write_atomic(path, _bytes(suite))


def junit(record: Mapping[str, Any]) -> bytes:
    """The XML of the record that `bench.gates.gate` makes."""
    lines = record["lines"]
    kinds = [_kind(line) for line in lines]
    suite = _suite(
        f"prescreen gate: {record['policy']['name']}",
        len(lines),
        failures=kinds.count("failure"),
        errors=kinds.count("error"),
        skipped=kinds.count("skipped"),
    )
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (
        ("verdict", record["verdict"]),
        ("today", record["today"]),
        ("policy.sha256", record["policy"]["sha256"]),
        ("run.journal_head", record["journal_head"]),
    ):
        ElementTree.SubElement(properties, "property", name=name, value=printable(value))
    waivers = {(w["line"], w["owner"]): w for w in record["waivers"]}
    for line, kind in zip(lines, kinds, strict=True):
        case = _case(suite, f"{line['id']}: {line['rule']} {line['limit']:g}")
        if kind:
            message = f"{line['verdict']}: {line['reason']}"
            waiver = waivers.get((line["id"], line["waived_by"]))
            if kind == "skipped" and waiver:
                message = (
                    f"waived by {waiver['owner']} until {waiver['expires']}: {waiver['reason']} "
                    f"({message})"
                )
            _put(case, kind, line["verdict"].lower(), message)
        ElementTree.SubElement(case, "system-out").text = printable(_figures(line), 2000)
    return _bytes(suite)


def _kind(line: Mapping[str, Any]) -> str:
    if line["set_aside"]:
        return "skipped"
    return {"PASS": "", "FAIL": "failure"}.get(line["verdict"], "error")


def _figures(line: Mapping[str, Any]) -> str:
    tested = line["pass"]
    parts = [
        f"{line['what']}: {line['value']}",
        f"n = {line['n']} in {line['n_clusters']} clusters",
    ]
    if tested:
        parts.append(f"bound {tested['bound']} at level {tested['level']:.4g}")
        parts.append(f"p {tested['p']:.4g}, after Holm {tested['p_adjusted']:.4g}")
    if line["needed_n"]:
        parts.append(f"about {line['needed_n']} videos would decide")
    return "; ".join([*parts, *line["notes"]])


def _suite(
    name: str, tests: int, *, failures: int = 0, errors: int = 0, skipped: int = 0
) -> ElementTree.Element:
    return ElementTree.Element(
        "testsuite",
        name=printable(name),
        tests=str(tests),
        failures=str(failures),
        errors=str(errors),
        skipped=str(skipped),
        time="0",
    )


def _case(suite: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", classname="prescreen.gate", name=printable(name), time="0"
    )


def _put(case: ElementTree.Element, tag: str, kind: str, message: str) -> None:
    text = printable(message, 1000)
    ElementTree.SubElement(case, tag, type=kind, message=text).text = text


def _bytes(suite: ElementTree.Element) -> bytes:
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made + b"\n"
