"""PyTorch's own answers to the cases of a pack, in any of its types: python pytorch_itself.py <pack> <outputs> [bfloat16]

It is what wrote the golden values (fixtures/export.py), so float32 and float64 agree, and bfloat16 where a tolerance is
stated: sums are held in float32 there, and a parameter's state is not, so optimizers are left out.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

sys.path.append(str(Path(__file__).parents[3] / "fixtures"))
from export import RUN  # noqa: E402

pack, outputs, name = Path(sys.argv[1]), Path(sys.argv[2]), (sys.argv + ["float32"])[3]
dtype = getattr(torch, name)
torch.set_num_threads(1)
for path in sorted(pack.glob("cases/*/*/case.json")):
    case = json.loads(path.read_text())
    if case["kind"] != "module" and name not in ("float32", "float64"):
        continue
    answers = RUN[case["kind"]](case, load_file(path.with_name("inputs.safetensors")), dtype)
    target = outputs / case["id"]
    target.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous() for key, value in answers.items()}, target / "outputs.safetensors")
