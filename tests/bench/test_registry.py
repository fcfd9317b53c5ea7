"""Plug-ins: listed without being imported, loaded by name, refused with the nearest name."""

import subprocess
import sys

import pytest

from bench import registry
from bench.errors import UsageError

HEAVY = (
    "torch",
    "torchmetrics",
    "transformers",
    "cv2",
    "av",
    "pandas",
    "scipy",
    "pyarrow",
    "numpy",
)


@pytest.mark.parametrize("kind", registry.kinds())
def test_listing_imports_nothing_heavy(kind):
    code = (
        "import sys; from bench import registry\n"
        f"for name in registry.names({kind!r}): registry.summary({kind!r}, name)\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["ls"], ["ls", "metrics"], ["score", "--help"], ["cache", "ls", "--help"]],
)
def test_help_and_ls_import_nothing_heavy(arguments):
    code = (
        "import sys; from bench.cli.main import run\n"
        f"code = run({arguments!r})\n"
        f"print(code, [m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("fvd", "fvd", {}),
        ("i3d:resize=tf1,frames=16", "i3d", {"resize": "tf1", "frames": "16"}),
        (
            "clip:model=openai/clip-vit-large-patch14",
            "clip",
            {"model": "openai/clip-vit-large-patch14"},
        ),
        ("my.module:Metric", "my.module:Metric", {}),
        ("my.module:Metric:size=3", "my.module:Metric", {"size": "3"}),
    ],
)
def test_specs_are_read(text, name, options):
    spec = registry.parse_spec(text)
    assert (spec.name, dict(spec.options)) == (name, options)


@pytest.mark.parametrize("text", ["i3d:a=1,resize", "i3d:=tf1,x", "i3d:re size=tf1"])
def test_a_bad_option_is_shown(text):
    with pytest.raises(UsageError, match="not key=value"):
        registry.parse_spec(text)


def test_a_near_name_is_offered():
    with pytest.raises(UsageError, match=r"did you mean fvd\?"):
        registry.load("metric", "fdv")


def test_an_unknown_option_is_refused_by_the_plug_in():
    with pytest.raises(UsageError, match="refuses its options"):
        registry.build("feature", "i3d:colour=blue")


def test_a_foreign_plug_in_comes_by_module_and_attribute():
    assert registry.load("metric", "collections:OrderedDict").__name__ == "OrderedDict"
    with pytest.raises(UsageError, match="cannot load the metric"):
        registry.load("metric", "collections:Nothing")


def test_a_foreign_plug_in_comes_by_entry_point(monkeypatch):
    from importlib.metadata import EntryPoint

    point = EntryPoint(name="mine", value="collections:Counter", group="prescreen.metrics")
    monkeypatch.setattr(registry, "_entry_points", lambda kind: {"mine": point})
    assert "mine" in registry.names("metric")
    assert registry.load("metric", "mine").__name__ == "Counter"


@pytest.mark.parametrize("kind", ["metric", "feature"])
def test_each_file_holds_the_class_of_its_name(kind):
    for name in registry.names(kind):
        assert registry.load(kind, name).name == name
