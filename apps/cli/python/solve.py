"""Calls solve() of a learner's file with the inputs of each case, for `handgrad exercise check NAME.py`.

    python solve.py <job folder>

The folder has job.json (the file, the names of the outputs, the number of cases) and cases/<i>/inputs.npz. What solve() gives
goes to outputs/<i>/outputs.npz, and what came of each call to ran.json, which is written last. One word on stdout says how far
this got: "begun" before the learner's file is loaded, or "no numpy". What the learner prints goes to stderr.
"""

import json
import os
import sys
import traceback
import types
from pathlib import Path

tell = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
try:
    import numpy as np
except ImportError:
    print("no numpy", file=tell, flush=True)
    sys.exit(0)


class Refused(Exception):
    """What a learner is told."""


def line_of(error, file):
    """The last line of the learner's own file that an error went through."""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    if isinstance(error, SyntaxError) and error.filename == file:
        lines.append(error.lineno)
    return f" (line {lines[-1]})" if lines else ""


def words_of(error, file):
    text = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    return f"{type(error).__name__}{': ' if text else ''}{text}{line_of(error, file)}"


def load(file):
    """The function of a file, which is a module of its own."""
    module = types.ModuleType("exercise")
    module.__file__ = file
    sys.modules["exercise"] = module
    sys.path[0] = str(Path(file).parent)
    sys.dont_write_bytecode = True
    try:
        exec(compile(Path(file).read_bytes(), file, "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        raise Refused(f"the file does not load: {words_of(error, file)}") from error
    if not callable(getattr(module, "solve", None)):
        raise Refused("the file defines no function solve()")
    return module.solve


def inputs_in(folder):
    """Arrays, and plain numbers for what has no axes; read anew, so that each call has its own."""
    with np.load(folder / "inputs.npz") as arrays:
        return {name: arrays[name] if arrays[name].shape else arrays[name].item() for name in arrays}


def called(solve, given, file):
    try:
        return solve(**given)
    except (Exception, SystemExit) as error:
        raise Refused(f"your solve() raised {words_of(error, file)}") from error


def line_of_change(solve, given, changed, file):
    """Called again with arrays that cannot be changed, solve() fails at the line that changes one."""
    for name in changed:
        given[name].flags.writeable = False
    try:
        solve(**given)
    except (Exception, SystemExit) as error:
        return line_of(error, file)
    return ""


def as_array(name, value):
    """An output as float64: whole numbers may be in its place, smaller floats have lost what is compared."""
    if value is None:
        raise Refused(f"your solve() gave None as {name}")
    try:
        array = np.asarray(value)
    except Exception as error:  # whatever its class has for arrays
        raise Refused(f"your solve() gave {name} as no array: {error}") from error
    if array.dtype.kind not in "iuf" or (array.dtype.kind == "f" and array.dtype.itemsize < 8):
        raise Refused(f"your solve() gave {name} of type {array.dtype}, expected float64")
    return array.astype(np.float64)


def solved(solve, folder, names, file):
    """The outputs of one call."""
    given = inputs_in(folder)
    outputs = called(solve, given, file)
    fresh = inputs_in(folder)
    arrays = [name for name in fresh if isinstance(fresh[name], np.ndarray)]
    changed = [name for name in arrays if not np.array_equal(fresh[name], given[name])]
    if changed:
        line = line_of_change(solve, fresh, changed, file)
        raise Refused(f"your solve() changed its input {', '.join(changed)}: make a copy{line}")
    if not isinstance(outputs, dict):
        kind = "nothing" if outputs is None else f"a value of type {type(outputs).__name__}"
        raise Refused(f"your solve() gave {kind}, expected a dict with {', '.join(names)}")
    return {name: as_array(name, outputs[name]) for name in names if name in outputs}


def run(folder):
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    file, names = job["file"], job["outputs"]
    calls = []
    try:
        solve = load(file)
        for i in range(job["cases"]):
            try:
                outputs = solved(solve, folder / "cases" / str(i), names, file)
                target = folder / "outputs" / str(i)
                target.mkdir(parents=True)
                np.savez(target / "outputs.npz", **outputs)
                calls.append({"kind": "gave"})
            except Refused as refused:
                calls.append({"kind": "refused", "says": str(refused)})
    except Refused as refused:
        return {"kind": "broken", "why": str(refused)}
    return {"kind": "ran", "calls": calls}


print("begun", file=tell, flush=True)
job_folder = Path(sys.argv[1])
ran = json.dumps(run(job_folder))
(job_folder / "ran.json.part").write_text(ran, encoding="utf-8")
(job_folder / "ran.json.part").replace(job_folder / "ran.json")
sys.stdout.flush()
os._exit(0)  # whatever threads of the learner's still run
