"""What the adapters in Python share: library.mjs has the protocol."""
import json
import math
import os
import re
import sys


class NotOffered(Exception):
    """What a library has no such thing for: the reason in a few words."""


def numbers(tensor):
    """The elements of a tensor that was sent: NaN, infinities and −0 came as words."""
    return [float(value) for value in tensor["data"]]


def number(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return "-0" if value == 0 and math.copysign(1, value) < 0 else value


def written(shape, values):
    return {"shape": list(shape), "data": [number(float(value)) for value in values]}


def only_with(options, *known):
    """Refuses options that an operation has no word for."""
    for name, value in options.items():
        if name not in known and value is not None and value is not False:
            raise NotOffered(f"{name} = {json.dumps(value)}")


def steps(tensors, options, start):
    """Parameters after each step by name: `start` gives a function from gradients to parameters."""
    names = [name[6:] for name in tensors if name.startswith("param.")]
    count = options["steps"]
    step = start({name: tensors[f"param.{name}"] for name in names})
    outputs = {}
    for at in range(1, count + 1):
        gradients = {name: tensors.get(f"grad.{name}.{at}") for name in names}
        if any(gradient is None for gradient in gradients.values()):
            raise NotOffered("a step in which a parameter has no gradient")
        outputs |= {f"{name}.{at}": value for name, value in step(gradients).items()}
    return outputs


def reply(operations, question):
    op = operations.get(question["op"])
    try:
        if op is None:
            raise NotOffered(f"no {question['op']}")
        options = {name: tuple(v) if isinstance(v, list) else v for name, v in question["options"].items() if v is not None}
        return {"outputs": op(question["tensors"], options)}
    except NotOffered as error:
        return {"notOffered": str(error)}
    except Exception as error:
        # Libraries put places of their own code, which differ between machines, behind the first line; some in it.
        line = (str(error) or type(error).__name__).strip().split("\n")[0]
        return {"error": re.sub(r"/\S+/[^\s:]+(:\d+)?", "…", line)[:200]}


def answer_questions(version, operations):
    """Answers questions on the standard input, one JSON a line; what a library prints goes elsewhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(value):
        print(json.dumps(value), file=answers, flush=True)

    say({"version": version})
    for line in sys.stdin:
        question = json.loads(line)
        say({"id": question["id"], **reply(operations, question)})
