import { allocate, type FloatArray } from '../dtype.ts'
import { formatShape, numel } from '../shape.ts'
import { Tensor } from '../tensor.ts'

/**
 * The sum over the named axes, which disappear: `sum(G, [0, -1])` is `G.sum((0, -1))`. Kept in double, rounded once.
 * @throws RangeError for an axis that is not there, or twice.
 */
export function sum(x: Tensor, over: number | readonly number[]): Tensor {
  const axes = [over].flat().map((axis: number) => (axis < 0 ? axis + x.shape.length : axis))
  if (axes.some((axis, i) => x.shape[axis] === undefined || axes.indexOf(axis) < i))
    throw new RangeError(`sum: ${formatShape(x.shape)} has no axes ${String(over)}`)
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  const shape = kept.map((axis) => x.shape[axis])
  const steps = outputSteps(x.shape, axes)
  const sums = new Float64Array(numel(shape))
  addInto(sums, x, steps)
  const data: FloatArray = allocate(x.dtype, sums.length)
  data.set(sums)
  return new Tensor(data, shape)
}

/** How far the output index moves with one step along each input axis: 0 along a summed one. */
function outputSteps(shape: readonly number[], axes: readonly number[]): number[] {
  const steps = new Array<number>(shape.length).fill(0)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (axes.includes(axis)) continue
    steps[axis] = stride
    stride *= shape[axis]
  }
  return steps
}

function addInto(sums: Float64Array, x: Tensor, steps: readonly number[]): void {
  const { data, shape } = x
  const inner = shape.at(-1) ?? 1
  const innerStep = steps.at(-1) ?? 0
  const index = new Array<number>(shape.length).fill(0)
  for (let from = 0, out = 0; from < data.length; from += inner) {
    addRow(sums, out, innerStep, data, from, inner)
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      out += steps[axis]
      if (++index[axis] < shape[axis]) break
      out -= steps[axis] * shape[axis]
      index[axis] = 0
    }
  }
}

function addRow(
  sums: Float64Array,
  out: number,
  step: number,
  data: FloatArray,
  from: number,
  count: number,
): void {
  if (step > 0) {
    for (let k = 0; k < count; k++) sums[out + k * step] += data[from + k]
    return
  }
  let total = 0
  for (let k = 0; k < count; k++) total += data[from + k]
  sums[out] += total
}
