import { type DType, type FloatDType, full, isFloat, type Tensor, tensor } from '@handgrad/tensor'
import { distance } from './compare.ts'
import { type OpenModule, runModule } from './module.ts'
import type { Problem } from './result.ts'
import type { ModuleSpec } from './spec.ts'

function sameBits(a: Tensor<DType>, b: Tensor<DType>): boolean {
  return a.data.every((value: number | bigint, i: number) => Object.is(value, b.data[i]))
}

/** True where each element of `a` is `factor` times that of `b`; the sign of 0 does not count. */
function isMultiple(a: Tensor, factor: number, b: Tensor): boolean {
  return a.data.every((value: number, i: number) => distance(value, factor * b.data[i]) === 0)
}

function snapshot(result: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, value.clone()]))
}

function zeroGrad(open: OpenModule): void {
  for (const x of Object.values(open.differentiable)) if (!open.inputs.includes(x)) x.g = null
}

/** A pass of NaN through everything, so that whatever the module keeps or reuses holds NaN; then the values come back. */
function poison(open: OpenModule, dy: Tensor<DType>): void {
  const all = [...open.inputs, ...Object.values(open.differentiable)]
  const floats = all.filter(({ dtype }) => isFloat(dtype)) as Tensor[]
  const kept = floats.map((x) => x.data.slice())
  for (const x of floats) x.data.fill(Number.NaN)
  const y = open.forward()
  y.g = full(dy.shape, Number.NaN, { dtype: y.dtype })
  open.module.bwd()
  floats.forEach((x, i) => {
    x.data.set(kept[i])
  })
  // The input's gradient is overwritten by the next pass; a parameter's starts from null.
  zeroGrad(open)
}

function throws(action: () => void): boolean {
  try {
    action()
    return false
  } catch {
    return true
  }
}

/** Whether the results are those of the inputs alone, and the inputs are left as they were. */
function* checkRepeat(open: OpenModule, dy: Tensor<DType>, dtype: FloatDType): Generator<string> {
  const read = [...open.inputs, ...Object.values(open.differentiable)]
  const before = read.map((x) => x.clone())
  const first = snapshot(runModule(open, dy))
  poison(open, dy)
  const again = runModule(open, dy)
  for (const [name, value] of Object.entries(first)) {
    if (value.dtype !== dtype) yield `${name} is ${value.dtype}`
    if (name.startsWith('buffer.') || sameBits(value, again[name])) continue
    yield `${name} depends on what was left from the pass before`
  }
  if (read.some((x, i) => !sameBits(x, before[i]))) yield 'an input or a parameter was changed'
}

/** Whether a second `bwd()` adds to each parameter exactly what the first did, and writes the input's gradient anew. */
function* checkTwice(open: OpenModule, dy: Tensor<DType>): Generator<string> {
  const once = snapshot(
    Object.fromEntries(Object.entries(open.differentiable).map(([name, x]) => [name, x.g!])),
  )
  open.module.bwd()
  for (const [name, x] of Object.entries(open.differentiable)) {
    const isInput = open.inputs.includes(x)
    if (isMultiple(x.g!, isInput ? 1 : 2, once[name])) continue
    yield `a second bwd() did not ${isInput ? 'write the same' : 'add exactly once more to'} d${name}`
  }
  zeroGrad(open)
  open.inputs[0].g = null
  // A new pass: between the layers of a network no gradient is left from before.
  const y = open.forward()
  y.g = tensor(dy.data, y.shape, { dtype: y.dtype })
  open.module.bwd({ inputGrad: false })
  for (const [name, x] of Object.entries(open.differentiable)) {
    if (!open.inputs.includes(x) && !isMultiple(x.g!, 1, once[name]))
      yield `d${name} is another one without inputGrad`
  }
}

/** What must be refused: an upstream gradient that is missing (a loss takes 1 for it) or of another shape. */
function* checkUpstream(spec: ModuleSpec, open: OpenModule, dtype: FloatDType): Generator<string> {
  const y = open.forward()
  const { module } = open
  if (spec.loss === true && y.shape.length === 0) {
    module.bwd()
    const implied = open.inputs[0].g!
    y.g = full([], 1, { dtype })
    module.bwd()
    if (!sameBits(implied, open.inputs[0].g!)) yield 'bwd() without an upstream gradient is not that of 1'
  } else if (!throws(() => module.bwd())) {
    yield 'bwd() accepts an output without a gradient'
  }
  y.g = full([...y.shape, 2], 1, { dtype })
  if (!throws(() => module.bwd())) yield 'bwd() accepts a gradient of another shape'
}

/** Whether a pass depends on its inputs alone, adds up, and refuses what it must. */
export function checkState(
  spec: ModuleSpec,
  open: OpenModule,
  dy: Tensor<DType>,
  dtype: FloatDType,
): Problem[] {
  const early = throws(() => open.module.bwd()) ? [] : ['bwd() works before forward()']
  const found = [
    ...early,
    ...checkRepeat(open, dy, dtype),
    ...checkTwice(open, dy),
    ...checkUpstream(spec, open, dtype),
  ]
  return found.map((message) => ({ view: 'state', message: `${dtype}: ${message}` }))
}
