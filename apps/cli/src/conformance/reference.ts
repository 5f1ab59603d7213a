import type { Checkable } from '@handgrad/gradcheck'
import { Conv2d, MaxPool2d, ReLU } from '@handgrad/layers'
import { Adam, CrossEntropyLoss, OneCycleLR, SGD } from '@handgrad/loss-optim'
import { type DType, type Pair, type Tensor, tensor } from '@handgrad/tensor'
import { numbers, type Question, type SentTensor, sent } from './question.ts'

/** The values that PyTorch gives, and how they are known. */
export interface Reference {
  readonly outputs: Readonly<Record<string, SentTensor>>
  /** A golden case that holds our own code to PyTorch, or what PyTorch's documentation says. */
  readonly by: { readonly golden: string } | { readonly documented: string }
}

type Given = Readonly<Record<string, SentTensor>>

const wide = ({ shape, data }: SentTensor): Tensor => tensor(data.map(Number), shape, { dtype: 'float64' })

/** One pass of a layer or loss of ours in float64. */
function passOf(layer: Checkable, { x, dy }: Given, more: readonly Tensor<DType>[] = []): Given {
  const input = wide(x)
  const y = layer.forward(input, ...more)
  y.g = tensor(dy.data.map(Number), y.shape, { dtype: 'float64' })
  layer.bwd()
  return { y: sent(y), dx: sent(input.g!) }
}

function convolution({ x, weight, bias, dy }: Given, options: Question['options']): Given {
  const [out, inner, kh, kw] = weight.shape
  const groups = options['groups'] as number
  const { stride, padding, dilation } = options as { stride: Pair; padding: Pair | 'same'; dilation: Pair }
  const layer = new Conv2d(inner * groups, out, [kh, kw], {
    stride,
    padding,
    dilation,
    groups,
    bias: bias !== undefined,
    dtype: 'float64',
  })
  layer.weight.data.set(weight.data.map(Number))
  if (bias !== undefined) layer.bias!.data.set(bias.data.map(Number))
  return { ...passOf(layer, { x, dy }), dweight: sent(layer.weight.g!) }
}

function pooling(given: Given, options: Question['options']): Given {
  const { kernelSize, stride, padding, dilation, ceilMode } = options as unknown as {
    kernelSize: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    ceilMode: boolean
  }
  return passOf(new MaxPool2d(kernelSize, { stride, padding, dilation, ceilMode }), given)
}

function loss(given: Given, { labelSmoothing = 0 }: { labelSmoothing?: number }): Given {
  const target = tensor(Int32Array.from(given['target'].data, Number), given['target'].shape)
  return passOf(new CrossEntropyLoss({ labelSmoothing }), given, [target])
}

function stepping(
  given: Given,
  { steps, ...options }: Record<string, unknown>,
  Optimizer: typeof SGD | typeof Adam,
): Given {
  const weight = wide(given['param.weight'])
  const optimizer = new Optimizer([weight], options)
  const outputs: Record<string, SentTensor> = {}
  for (let t = 1; t <= (steps as number); t++) {
    weight.g = wide(given[`grad.weight.${t}`])
    optimizer.step()
    outputs[`weight.${t}`] = sent(weight)
  }
  return outputs
}

const vector = (data: readonly number[], shape: readonly number[] = [data.length]): SentTensor => ({
  shape,
  data: data.map((x) => (Number.isFinite(x) ? x : String(x))),
})

/** erf to 1.2e-7 would not do: the series for small x, enough for what is asked. */
function erf(x: number): number {
  let [term, sum] = [x, x]
  for (let n = 1; n < 60; n++) {
    term *= -(x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

function average({ x, dy }: Given, options: Question['options']): Given {
  const { kernelSize, stride, padding, countIncludePad } = options as {
    kernelSize: number[]
    stride: number[]
    padding: number[]
    countIncludePad: boolean
  }
  const [h, w] = x.shape.slice(-2)
  const [kh, kw] = kernelSize
  const extent = (n: number, axis: number): number =>
    Math.floor((n + 2 * padding[axis] - kernelSize[axis]) / stride[axis]) + 1
  const [oh, ow] = [extent(h, 0), extent(w, 1)]
  const [image, upstream] = [numbers(x), numbers(dy)]
  const [y, dx] = [new Array<number>(oh * ow).fill(0), new Array<number>(h * w).fill(0)]
  for (let u = 0; u < oh; u++) {
    for (let v = 0; v < ow; v++) {
      const cells: number[] = []
      for (let i = 0; i < kh; i++) {
        for (let j = 0; j < kw; j++) {
          const [a, b] = [u * stride[0] - padding[0] + i, v * stride[1] - padding[1] + j]
          if (a >= 0 && a < h && b >= 0 && b < w) cells.push(a * w + b)
        }
      }
      const divisor = countIncludePad ? kh * kw : cells.length
      for (const cell of cells) {
        y[u * ow + v] += image[cell] / divisor
        dx[cell] += upstream[u * ow + v] / divisor
      }
    }
  }
  return { y: vector(y, [1, 1, oh, ow]), dx: vector(dx, x.shape) }
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const spread = (values: readonly number[], by: number): number =>
  values.reduce((sum, v) => sum + (v - meanOf(values)) ** 2, 0) / by

/** Normalised over all that is given: one channel of a batch, or one row. */
function normalised({ x }: Given, eps: number): SentTensor {
  const values = numbers(x)
  const variance = spread(values, values.length)
  return vector(
    values.map((v) => (v - meanOf(values)) / Math.sqrt(variance + eps)),
    x.shape,
  )
}

/** Each operation as our own code gives it, which golden values hold to PyTorch's. */
export const ours: Readonly<Record<string, (given: Given, options: never) => Given>> = {
  relu: (given) => passOf(new ReLU(), given),
  maxPool2d: pooling,
  conv2d: convolution,
  crossEntropy: loss,
  sgd: (given, options) => stepping(given, options, SGD),
  adam: (given, options) => stepping(given, options, Adam),
}

const exactGelu = ({ x, dy }: Given): Given => ({
  y: vector(
    numbers(x).map((v) => (v * (1 + erf(v / Math.SQRT2))) / 2),
    x.shape,
  ),
  dx: vector(
    numbers(x).map(
      (v, i) =>
        numbers(dy)[i] *
        ((1 + erf(v / Math.SQRT2)) / 2 + (v * Math.exp((-v * v) / 2)) / Math.sqrt(2 * Math.PI)),
    ),
    x.shape,
  ),
})

/** Each operation that we have not by the formula in PyTorch's documentation. */
export const documented: Readonly<Record<string, (given: Given, options: never) => Given>> = {
  abs: ({ x, dy }) => ({
    y: vector(numbers(x).map(Math.abs), x.shape),
    dx: vector(
      numbers(x).map((v, i) => Math.sign(v) * numbers(dy)[i]),
      x.shape,
    ),
  }),
  max: ({ x, dy }) => {
    const values = numbers(x)
    const top = Math.max(...values)
    const share = numbers(dy)[0] / values.filter((v) => v === top).length
    return {
      y: vector([top], []),
      dx: vector(
        values.map((v) => (v === top ? share : 0)),
        x.shape,
      ),
    }
  },
  'maximum(x, 0)': halves,
  'maximum(0, x)': halves,
  gelu: exactGelu,
  'gelu by default': exactGelu,
  avgPool2d: average,
  batchNorm: (given, { eps, momentum }: { eps: number; momentum: number }) => {
    const values = numbers(given['x'])
    const unbiased = spread(values, values.length - 1)
    return {
      y: normalised(given, eps),
      'buffer.running_mean': vector([momentum * meanOf(values)]),
      'buffer.running_var': vector([1 - momentum + momentum * unbiased]),
    }
  },
  layerNorm: (given, { eps }: { eps: number }) => ({ y: normalised(given, eps) }),
  dropout: (_given, { p }: { p: number }) => ({ kept: vector([1 / (1 - p)], []) }),
  'dropout in evaluation': (_given) => ({ kept: vector([1], []) }),
  'sgd with rates': ratedSteps,
  'batch norm as told': ({ x }, { momentum }: { momentum: number }) => ({
    'buffer.running_mean': vector([momentum * meanOf(numbers(x))]),
  }),
  'one cycle': oneCycle,
  'weight layout': (_given, o: { dense: number[]; convolution: number[] }) => {
    const [inner, out, ...kernel] = o.convolution
    return { dense: vector([...o.dense].reverse()), convolution: vector([out, inner, ...kernel]) }
  },
  'initial weights': () => ({ weight: vector([1], []), bias: vector([1], []) }),
}

/** SGD with another rate at each step. */
function ratedSteps(given: Given, { momentum, rates }: { momentum: number; rates: number[] }): Given {
  const weight = wide(given['param.weight'])
  const optimizer = new SGD([weight], { lr: rates[0], momentum })
  const outputs = rates.map((rate, i) => {
    optimizer.options.lr = rate
    weight.g = wide(given[`grad.weight.${i + 1}`])
    optimizer.step()
    return [`weight.${i + 1}`, sent(weight)] as const
  })
  return Object.fromEntries(outputs)
}

function oneCycle(_given: Given, { most, steps }: { most: number; steps: number }): Given {
  const optimizer = new SGD([tensor([0])], { lr: most })
  const schedule = new OneCycleLR(optimizer, most, { totalSteps: steps, cycleMomentum: false })
  const rates = Array.from({ length: steps }, (_, i) => {
    if (i > 0) schedule.step()
    return optimizer.options.lr
  })
  return { lr: vector(rates) }
}

/** The larger of x and 0; where both are equal each has half the gradient. */
function halves({ x, dy }: Given): Given {
  const values = numbers(x)
  return {
    y: vector(
      values.map((v) => Math.max(v, 0)),
      x.shape,
    ),
    dx: vector(
      values.map((v, i) => numbers(dy)[i] * (v > 0 ? 1 : v < 0 ? 0 : 0.5)),
      x.shape,
    ),
  }
}
