"""Runs inside benchmarks/.venv: cd-fvd's own calls from two folders of files to its FVD.

    python _cdfvd_side.py REAL FAKE CHECKPOINT

REAL and FAKE are folders of videos, or .npy files of their pixels (B, T, H, W, C). Prints one JSON
object. It knows nothing of Prescreen. What had to be patched to make cd-fvd 0.1.1
run at all is listed in `PATCHES`; nothing that it computes is changed.
"""

import ctypes
import importlib.util
import json
import sys
import warnings
from importlib import metadata
from pathlib import Path

PATCHES: list[str] = []


def let_torchvision_load() -> None:
    """Declare the one operator that torchvision insists on when its C++ library does not load.

    The wheel on the index is built for another torch; the pure Python parts, which is all that
    cd-fvd uses, run without the library.
    """
    import torch

    spec = importlib.util.find_spec("torchvision")
    for library in Path(spec.origin).parent.glob("_C*.so"):
        try:
            ctypes.CDLL(str(library))
        except OSError:
            stub = torch.library.Library("torchvision", "DEF")
            stub.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            PATCHES.append("torchvision::nms declared, because torchvision's library did not load")
            globals()["_keep"] = stub  # the declaration goes with this object


def main() -> None:
    real, fake, checkpoint = sys.argv[1:]
    warnings.filterwarnings("ignore")
    let_torchvision_load()
    import torch
    from cdfvd import fvd

    evaluator = fvd.cdfvd("i3d", n_real="full", n_fake="full", ckpt_path=checkpoint, device="cpu")
    kind = "video_numpy" if real.endswith(".npy") else "video_folder"
    read = {"data_type": kind, "resolution": 256, "sequence_length": 16}
    evaluator.compute_real_stats(evaluator.load_videos(real, **read))
    evaluator.compute_fake_stats(evaluator.load_videos(fake, **read))
    record = {
        "fvd": float(evaluator.compute_fvd_from_stats()),
        "n": [evaluator.real_stats.num_items, evaluator.fake_stats.num_items],
        "patches": PATCHES,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "torchvision": metadata.version("torchvision"),
    }
    print(json.dumps(record))


if __name__ == "__main__":
    main()
