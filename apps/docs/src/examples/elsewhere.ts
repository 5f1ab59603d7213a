import { type Tensor, tensor } from '@handgrad/tensor'

/** The elements of `x` with its axes in another order: `turned(x, [2, 3, 1, 0])` has x's third axis first. */
export function turned(x: Tensor, order: readonly number[]): Tensor {
  const strides = x.shape.map((_, axis) => x.shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  const shape = order.map((axis) => x.shape[axis])
  const index = shape.map(() => 0)
  const data = Array.from(x.data, () => {
    const at = order.reduce((sum, axis, i) => sum + index[i] * strides[axis], 0)
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0
    return x.data[at]
  })
  return tensor(data, shape, { dtype: x.dtype })
}

/** Images: NHWC of Keras, JAX and TensorFlow.js to NCHW, and back. */
export const toChannelsFirst = (x: Tensor): Tensor => turned(x, [0, 3, 1, 2])
export const toChannelsLast = (x: Tensor): Tensor => turned(x, [0, 2, 3, 1])

/** A convolution's weight: [Kh,Kw,in,out] of Keras, flax and TensorFlow.js to [out,in,Kh,Kw], and back. */
export const convolutionFromHWIO = (w: Tensor): Tensor => turned(w, [3, 2, 0, 1])
export const convolutionToHWIO = (w: Tensor): Tensor => turned(w, [2, 3, 1, 0])

/** A dense layer's weight: [in,out] of Keras, flax and TensorFlow.js to [out,in], and back. */
export const linearFromInOut = (w: Tensor): Tensor => turned(w, [1, 0])
export const linearToInOut = (w: Tensor): Tensor => turned(w, [1, 0])

/**
 * The weight [H·W·C, out] of a dense layer behind a Flatten of NHWC images as ours behind a Flatten of NCHW, [out, C·H·W]:
 * the same elements, met in another order.
 */
export function linearAfterFlatten(w: Tensor, [h, width, c]: readonly [number, number, number]): Tensor {
  const out = w.shape[1]
  const cells = tensor(w.data, [h, width, c, out], { dtype: w.dtype })
  const first = turned(cells, [3, 2, 0, 1])
  return tensor(first.data, [out, c * h * width], { dtype: w.dtype })
}

/** Ours, [out, C·H·W], as theirs, [H·W·C, out]. */
export function linearBeforeNHWC(w: Tensor, [h, width, c]: readonly [number, number, number]): Tensor {
  const [out] = w.shape
  const cells = turned(tensor(w.data, [out, c, h, width], { dtype: w.dtype }), [2, 3, 1, 0])
  return tensor(cells.data, [h * width * c, out], { dtype: w.dtype })
}

/**
 * Momentum. Keras keeps v ← μv − ηg and adds it: the rate is inside. Ours, as PyTorch's, keeps b ← μb + g and subtracts ηb.
 * While η stays the two take the same steps; where it changes, what is kept has to be converted.
 */
export const momentumFromKeras = (velocity: number, rate: number): number => -velocity / rate
export const momentumToKeras = (buffer: number, rate: number): number => -buffer * rate

/** Adam's ε beside the bare √v, as Keras has it, to ours, which is beside √(v/(1 − β₂ᵗ)): it depends on the step t. */
export const epsilonFromKeras = (hat: number, beta2: number, step: number): number =>
  hat / Math.sqrt(1 - beta2 ** step)
export const epsilonToKeras = (eps: number, beta2: number, step: number): number =>
  eps * Math.sqrt(1 - beta2 ** step)

/**
 * What SAME of TensorFlow, Keras and JAX puts before and after an axis of n cells; ours pads both sides alike.
 * It depends on n and on the stride: with a stride, PyTorch's own 'same' does not exist.
 */
export function samePadding(n: number, kernel: number, stride = 1, dilation = 1): [number, number] {
  const reach = dilation * (kernel - 1) + 1
  const total = Math.max((Math.ceil(n / stride) - 1) * stride + reach - n, 0)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}

/** Batch norm's momentum: Keras and flax say how much is kept, PyTorch how much is new. */
export const keptFromNew = (momentum: number): number => 1 - momentum

/** The bound of Keras' usual initial weights (Glorot, uniform), and of ours and PyTorch's; flax draws from a normal (LeCun's). */
export const glorotBound = (fanIn: number, fanOut: number): number => Math.sqrt(6 / (fanIn + fanOut))
export const ourBound = (fanIn: number): number => 1 / Math.sqrt(fanIn)

/** A one-cycle's steps and the part of them in which the rate rises. */
export interface OneCycle {
  readonly steps: number
  readonly pctStart: number
}

/**
 * optax comes to a one-cycle's end with the step behind the last: of `transition_steps` it has one more rate than PyTorch
 * and this library have of `total_steps`, whose peak and end are one step earlier. Its peak is at a whole step.
 */
export const oneCycleFromOptax = ({ steps, pctStart }: OneCycle): OneCycle => ({
  steps: steps + 1,
  pctStart: (Math.floor(pctStart * steps) + 1) / (steps + 1),
})
export const oneCycleToOptax = ({ steps, pctStart }: OneCycle): OneCycle => ({
  steps: steps - 1,
  // optax takes the whole part of pctStart · steps: half a step more leaves it the same.
  pctStart: (Math.round(pctStart * steps) - 0.5) / (steps - 1),
})
