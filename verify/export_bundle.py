"""Writes a golden bundle: what a torch.nn.Module gives forward and backward, for `handgrad verify` and `verifyBundle`.

    python export_bundle.py nn.SiLU silu --shape 4,3 --shape 2,5,3
    python export_bundle.py nn.Conv2d conv --args '[2, 3, [3, 2]]' --options '{"stride": 2}' --shape 4,2,7,6

Or from Python, for any module and any inputs:

    from export_bundle import export_bundle
    export_bundle("bundle", module, {"case": (x,)}, name="my.Module")

Parameters and inputs are float32 (or whole numbers); each case is run on them in float32 and again in float64, with a
random upstream gradient. README.md describes the format.
"""

import argparse
import copy
import json
from functools import reduce
from pathlib import Path

import torch
from safetensors.torch import save_file

FORMAT = 1
DTYPES = {"float32": torch.float32, "float64": torch.float64}


def cast(tensor, dtype):
    return tensor.detach().to(dtype).clone() if tensor.is_floating_point() else tensor.clone()


def run(module, inputs, names, upstream, dtype, seed):
    """The output and every gradient of one pass in `dtype`, by name; `upstream` is made for the output's shape."""
    module = copy.deepcopy(module).to(dtype)
    module.zero_grad()
    values = [cast(value, dtype) for value in inputs]
    first = values[0].requires_grad_()
    torch.manual_seed(seed)
    y = module(*values)
    y.backward(upstream(y.shape).to(dtype))
    gradients = {f"d{name}": parameter.grad for name, parameter in module.named_parameters()}
    return {"y": y.detach(), f"d{names[0]}": first.grad, **gradients}


def export_bundle(folder, module, cases, *, name=None, args=(), options=None, input_names=None, seed=0):
    """Writes `folder`/bundle.json and tensors.safetensors.

    `cases`: for each case's name the inputs of `forward`, a tensor or a tuple of them; the first is differentiated.
    `args`, `options`: what the module's constructor was given, as the reader of the bundle needs it.
    """
    tensors, described = {}, []
    for number, (case, inputs) in enumerate(cases.items()):
        inputs = inputs if isinstance(inputs, tuple) else (inputs,)
        names = input_names or ["x", *(f"x{i}" for i in range(1, len(inputs)))]
        own = seed + number
        generator = torch.Generator().manual_seed(own)
        drawn = {}

        def upstream(shape):
            """Random, and the same for both precisions; never ones, which hide mistakes."""
            if "dy" not in drawn:
                drawn["dy"] = torch.randn(shape, generator=generator)
            return drawn["dy"]

        found = {f"{dtype_name}/{key}": value
                 for dtype_name, dtype in DTYPES.items()
                 for key, value in run(module, inputs, names, upstream, dtype, own).items()}
        stored = dict(zip(names, inputs)) | {f"param.{key}": p.detach() for key, p in module.named_parameters()}
        tensors |= {f"{case}/{key}": v.contiguous().clone() for key, v in (stored | drawn | found).items()}
        described.append({"name": case, "inputs": names, "seed": own})
    about = {
        "format": FORMAT,
        "module": name or type(module).__name__,
        "args": list(args),
        "options": options or {},
        "mode": "train" if module.training else "eval",
        "torch": torch.__version__,
        "cases": described,
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    Path(folder, "bundle.json").write_text(json.dumps(about, indent=2) + "\n")
    save_file(tensors, Path(folder, "tensors.safetensors"))


def main():
    parser = argparse.ArgumentParser(description="Writes a golden bundle of a module of torch.")
    parser.add_argument("module", help="where torch has it: nn.SiLU")
    parser.add_argument("folder")
    parser.add_argument("--shape", action="append", required=True, help="of an input: 4,2,7,6; one case each")
    parser.add_argument("--args", type=json.loads, default=[], help="of the constructor, as JSON")
    parser.add_argument("--options", type=json.loads, default={}, help="of the constructor, as JSON")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    args = [tuple(a) if isinstance(a, list) else a for a in given.args]
    module = reduce(getattr, given.module.split("."), torch)(*args, **given.options)
    shapes = [tuple(map(int, shape.split(","))) for shape in given.shape]
    cases = {"x".join(map(str, shape)): torch.randn(shape) for shape in shapes}
    export_bundle(given.folder, module, cases, name=given.module, args=given.args, options=given.options, seed=given.seed)
    print(f"{given.folder}: {given.module}, {len(cases)} cases")


if __name__ == "__main__":
    main()
