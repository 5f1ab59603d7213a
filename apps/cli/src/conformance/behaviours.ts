import type { Question, SentTensor } from './question.ts'
import { documented, ours, type Reference } from './reference.ts'

/** A question whose answer differs between libraries, with the smallest input that shows it. */
export interface Behaviour {
  /** Unique: what a cell is called. */
  readonly id: string
  readonly group: string
  /** What is asked, in a few words. */
  readonly title: string
  readonly question: Question
  readonly reference: Reference
  /** How far a float32 library may be from it, relative to 1 and to it, where that is more than a few roundings. */
  readonly tolerance?: number
}

const t = (data: readonly number[], shape: readonly number[] = [data.length]): SentTensor => ({
  shape,
  data: data.map((x) => (Object.is(x, -0) ? '-0' : Number.isFinite(x) ? x : String(x))),
})
const image = (rows: readonly (readonly number[])[]): SentTensor =>
  t(rows.flat(), [1, 1, rows.length, rows[0].length])

type Options = Question['options']
type Tensors = Question['tensors']

interface Asked {
  readonly op: string
  readonly tensors: Tensors
  readonly options?: Options
}

/** A behaviour that a golden case has: PyTorch's values are those of our own code, which that case holds to it. */
function golden(id: string, group: string, title: string, asked: Asked, by: string): Behaviour {
  const question = { options: {}, ...asked }
  const outputs = ours[asked.op](question.tensors, question.options as never)
  return { id, group, title, question, reference: { outputs, by: { golden: by } } }
}

/** One that PyTorch documents, for what we have no layer for. */
function stated(id: string, group: string, title: string, asked: Asked, by: string): Behaviour {
  const question = { options: {}, ...asked }
  const outputs = documented[asked.op](question.tensors, question.options as never)
  return { id, group, title, question, reference: { outputs, by: { documented: by } } }
}

const windows = { stride: [1, 1], padding: [0, 0], dilation: [1, 1] }
const pooled = (more: Options = {}): Options => ({
  kernelSize: [2, 2],
  ...windows,
  stride: [2, 2],
  ceilMode: false,
  ...more,
})
const convolved = (more: Options = {}): Options => ({ ...windows, groups: 1, ...more })
const pool = (x: SentTensor, dy: SentTensor, more: Options = {}): Asked => ({
  op: 'maxPool2d',
  tensors: { x, dy },
  options: pooled(more),
})
const one = image([[1]])
const stepping = (gradients: readonly number[], options: Options): Pick<Asked, 'tensors' | 'options'> => ({
  tensors: {
    'param.weight': t([1]),
    ...Object.fromEntries(gradients.map((g, i) => [`grad.weight.${i + 1}`, t([g])])),
  },
  options: { ...options, steps: gradients.length },
})

/** Made anew for each table: the references are computed here. */
export function behaviours(): Behaviour[] {
  const padded = { kernelSize: [3, 3], padding: [1, 1], stride: [1, 1] }
  const square = image([
    [1, 2],
    [3, 4],
  ])
  const ones = image([
    [1, 1],
    [1, 1],
  ])
  return [
    golden(
      'relu-zero',
      'slopes at kinks',
      'ReLU: slope at 0',
      { op: 'relu', tensors: { x: t([0]), dy: t([1]) } },
      'relu/zeros-and-minus-zeros',
    ),
    golden(
      'relu-nan',
      'NaN',
      'ReLU: NaN',
      { op: 'relu', tensors: { x: t([NaN]), dy: t([1]) } },
      'relu/nan-and-infinities',
    ),
    stated(
      'abs-zero',
      'slopes at kinks',
      '|x|: slope at 0',
      { op: 'abs', tensors: { x: t([0]), dy: t([1]) } },
      'the gradient of torch.abs is sgn(x)',
    ),
    stated(
      'maximum-x-0',
      'slopes at kinks',
      'maximum(x, 0): slope at 0',
      { op: 'maximum(x, 0)', tensors: { x: t([0]), dy: t([1]) } },
      'torch.maximum gives half the gradient to each of two equal elements',
    ),
    stated(
      'maximum-0-x',
      'slopes at kinks',
      'maximum(0, x): slope at 0',
      { op: 'maximum(0, x)', tensors: { x: t([0]), dy: t([1]) } },
      'torch.maximum gives half the gradient to each of two equal elements',
    ),
    stated(
      'max-ties',
      'ties',
      'the maximum of a tensor: two equal elements',
      { op: 'max', tensors: { x: t([2, 2, 1]), dy: t([1], []) } },
      'torch.amax distributes the gradient evenly between equal values',
    ),
    golden('pool-ties', 'ties', 'max-pooling: all equal', pool(ones, one), 'max-pool2d/all-tie'),
    golden(
      'pool-zeros',
      'ties',
      'max-pooling: −0 before 0',
      pool(
        image([
          [-1, -0],
          [0, -2],
        ]),
        one,
      ),
      'max-pool2d/zeros-of-both-signs',
    ),
    golden(
      'pool-negative',
      'padding',
      'max-pooling: maxima below 0, in two windows',
      pool(
        image([
          [-9, -1, -9, -9],
          [-9, -9, -9, -2],
        ]),
        image([[1, 2]]),
      ),
      'max-pool2d/all-negative-overlap',
    ),
    golden(
      'pool-overlap',
      'ties',
      'max-pooling: one maximum of four windows',
      pool(
        image([
          [0, 0, 0],
          [0, 9, 0],
          [0, 0, 0],
        ]),
        image([
          [1, 2],
          [3, 4],
        ]),
        { stride: [1, 1] },
      ),
      'max-pool2d/overlap',
    ),
    golden(
      'pool-nan',
      'NaN',
      'max-pooling: a NaN',
      pool(
        image([
          [1, NaN],
          [2, 3],
        ]),
        one,
      ),
      'max-pool2d/one-nan',
    ),
    golden(
      'pool-nans',
      'NaN',
      'max-pooling: two NaN',
      pool(
        image([
          [1, NaN],
          [NaN, 3],
        ]),
        one,
      ),
      'max-pool2d/several-nan',
    ),
    golden(
      'pool-nan-indices',
      'NaN',
      'max-pooling: a NaN, with the indices asked for',
      pool(
        image([
          [1, NaN],
          [2, 3],
        ]),
        one,
        { withIndices: true },
      ),
      'max-pool2d/one-nan',
    ),
    golden(
      'pool-infinity',
      '−∞',
      'max-pooling: all −∞',
      pool(
        image([
          [-Infinity, -Infinity],
          [-Infinity, -Infinity],
        ]),
        one,
      ),
      'max-pool2d/minus-infinity',
    ),
    golden(
      'pool-padding',
      'padding',
      'max-pooling: padding beside a negative number',
      pool(
        image([[-1]]),
        image([
          [1, 2],
          [3, 4],
        ]),
        { stride: [1, 1], padding: [1, 1] },
      ),
      'max-pool2d/all-negative-padded',
    ),
    golden(
      'pool-infinity-padding',
      '−∞',
      'max-pooling: padding beside −∞',
      pool(
        image([[-Infinity]]),
        image([
          [1, 2],
          [3, 4],
        ]),
        { stride: [1, 1], padding: [1, 1] },
      ),
      'max-pool2d/minus-infinity-padded',
    ),
    golden(
      'pool-remainder',
      'ceil mode',
      'max-pooling: a remainder',
      pool(
        image([
          [1, 2, 9],
          [3, 4, 9],
          [9, 9, 9],
        ]),
        one,
      ),
      'max-pool2d/remainder',
    ),
    golden(
      'pool-ceil',
      'ceil mode',
      'max-pooling: a remainder, ceil mode',
      pool(
        image([
          [1, 2, 9],
          [3, 4, 8],
          [7, 6, 5],
        ]),
        image([
          [1, 2],
          [3, 4],
        ]),
        { ceilMode: true },
      ),
      'max-pool2d/remainder-ceil',
    ),
    golden(
      'pool-ceil-padding',
      'ceil mode',
      'max-pooling: ceil mode, a window that would begin in the padding',
      pool(image([[5]]), one, { stride: [3, 3], padding: [1, 1], ceilMode: true }),
      'max-pool2d/ceil-all',
    ),
    golden(
      'pool-dilation',
      'padding',
      'max-pooling: dilation 2',
      pool(
        image([
          [1, 9, 2],
          [9, 9, 9],
          [3, 9, 4],
        ]),
        one,
        { dilation: [2, 2] },
      ),
      'max-pool2d/overlap-dilated',
    ),
    stated(
      'average-included',
      'divisors',
      'average pooling: padding that counts',
      {
        op: 'avgPool2d',
        tensors: { x: square, dy: ones },
        options: { ...pooled(padded), countIncludePad: true },
      },
      'nn.AvgPool2d: count_include_pad=True, the default, divides by the whole window',
    ),
    stated(
      'average-excluded',
      'divisors',
      'average pooling: padding that does not count',
      {
        op: 'avgPool2d',
        tensors: { x: square, dy: ones },
        options: { ...pooled(padded), countIncludePad: false },
      },
      'nn.AvgPool2d: count_include_pad=False divides by the elements inside',
    ),
    golden(
      'conv-same',
      'padding',
      "convolution: 'same' with a kernel of 2",
      {
        op: 'conv2d',
        tensors: { x: image([[1, 2, 3]]), weight: image([[1, 10]]), dy: image([[1, 1, 1]]) },
        options: convolved({ padding: 'same' }),
      },
      'conv2d/same-even-kernel',
    ),
    golden(
      'conv-remainder',
      'padding',
      'convolution: stride 2 with a remainder',
      {
        op: 'conv2d',
        tensors: {
          x: image([
            [1, 2],
            [3, 4],
          ]),
          weight: image([[2]]),
          dy: one,
        },
        options: convolved({ stride: [2, 2] }),
      },
      'conv2d/remainder-columns',
    ),
    golden(
      'conv-dilation',
      'padding',
      'convolution: dilation 2, and its gradients',
      {
        op: 'conv2d',
        tensors: { x: image([[1, 2, 3]]), weight: image([[1, 10]]), dy: one },
        options: convolved({ dilation: [1, 2] }),
      },
      'conv2d/module-dilated',
    ),
    golden(
      'conv-groups',
      'padding',
      'convolution: two groups',
      {
        op: 'conv2d',
        tensors: { x: t([1, 2], [1, 2, 1, 1]), weight: t([3, 5], [2, 1, 1, 1]), dy: t([1, 1], [1, 2, 1, 1]) },
        options: convolved({ groups: 2 }),
      },
      'conv2d/groups',
    ),
    golden(
      'loss-smoothing',
      'label smoothing',
      'cross-entropy: label smoothing 0.1',
      {
        op: 'crossEntropy',
        tensors: { x: t([1, 0, -1], [1, 3]), target: t([0]), dy: t([1], []) },
        options: { labelSmoothing: 0.1 },
      },
      'cross-entropy-loss/2d-label-smoothing-mean',
    ),
    golden(
      'loss-large',
      'NaN',
      'cross-entropy: logits of ±1000',
      {
        op: 'crossEntropy',
        tensors: { x: t([1000, -1000], [1, 2]), target: t([1]), dy: t([1], []) },
        options: {},
      },
      'cross-entropy-loss/2d-plain-mean',
    ),
    golden(
      'loss-infinity',
      'NaN',
      'cross-entropy: a logit of ∞',
      {
        op: 'crossEntropy',
        tensors: { x: t([Infinity, 0], [1, 2]), target: t([0]), dy: t([1], []) },
        options: {},
      },
      'cross-entropy-loss/2d-plain-mean',
    ),
    golden(
      'sgd-momentum',
      'momentum',
      'SGD, momentum 0.9: two steps of rate 0.1 and gradient 1',
      { op: 'sgd', ...stepping([1, 1], { lr: 0.1, momentum: 0.9 }) },
      'sgd/momentum',
    ),
    golden(
      'sgd-nesterov',
      'momentum',
      'SGD, Nesterov: the same',
      { op: 'sgd', ...stepping([1, 1], { lr: 0.1, momentum: 0.9, nesterov: true }) },
      'sgd/nesterov',
    ),
    golden(
      'adam-step',
      'momentum',
      'Adam: two steps of rate 0.1, gradients 1 and 4',
      { op: 'adam', ...stepping([1, 4], { lr: 0.1 }) },
      'adam/lr',
    ),
    golden(
      'adam-epsilon',
      'ε',
      'Adam: a gradient as small as ε',
      { op: 'adam', ...stepping([1e-8], { lr: 0.1 }) },
      'adam/small-gradients',
    ),
    stated(
      'gelu',
      'GELU',
      'GELU of 1',
      { op: 'gelu', tensors: { x: t([1]), dy: t([1]) }, options: { approximate: 'none' } },
      'nn.GELU: x · Φ(x)',
    ),
    stated(
      'batch-norm',
      'statistics',
      'batch norm: running mean and variance of 1, 2, 3, 6 with momentum 0.1',
      {
        op: 'batchNorm',
        tensors: { x: t([1, 2, 3, 6], [2, 1, 1, 2]) },
        options: { eps: 1e-5, momentum: 0.1 },
      },
      'nn.BatchNorm2d normalises with the biased variance and keeps the unbiased one',
    ),
    {
      ...stated(
        'layer-norm',
        'statistics',
        'layer norm of 10000, 10001, 10002',
        { op: 'layerNorm', tensors: { x: t([10000, 10001, 10002], [1, 3]) }, options: { eps: 1e-5 } },
        'nn.LayerNorm: (x − E[x]) / √(Var[x] + ε), the biased variance',
      ),
      // 10000 has a thousandth in its last place in float32.
      tolerance: 1e-3,
    },
    stated(
      'layer-norm-constant',
      'ε',
      'layer norm of three equal numbers',
      { op: 'layerNorm', tensors: { x: t([3, 3, 3], [1, 3]) }, options: { eps: 1e-5 } },
      'nn.LayerNorm: (x − E[x]) / √(Var[x] + ε), the biased variance',
    ),
    stated(
      'dropout-scale',
      'dropout',
      'dropout 0.25: what a kept 1 becomes',
      { op: 'dropout', tensors: { x: t(new Array(64).fill(1)) }, options: { p: 0.25, seed: 1 } },
      'nn.Dropout scales by 1/(1 − p) in training',
    ),
    stated(
      'dropout-evaluation',
      'dropout',
      'dropout 0.25 in evaluation: what a 1 becomes',
      { op: 'dropout in evaluation', tensors: { x: t(new Array(4).fill(1)) }, options: { p: 0.25 } },
      'nn.Dropout is the identity in evaluation',
    ),
    stated(
      'gelu-default',
      'conventions',
      'GELU of 1 unless told otherwise',
      { op: 'gelu by default', tensors: { x: t([1]), dy: t([1]) } },
      "nn.GELU: approximate='none' is the default, x · Φ(x)",
    ),
    stated(
      'sgd-rates',
      'conventions',
      'SGD, momentum 0.9: gradients of 1, a rate of 0.1 and then of 0.01',
      { op: 'sgd with rates', ...stepping([1, 1], { momentum: 0.9, rates: [0.1, 0.01] }) },
      'optim.SGD: b = μb + g, p = p − lr · b, the rate outside what is kept',
    ),
    stated(
      'batch-norm-momentum',
      'conventions',
      "batch norm: running mean of 10, 10 with the library's own momentum = 0.9",
      { op: 'batch norm as told', tensors: { x: t([10, 10], [2, 1, 1, 1]) }, options: { momentum: 0.9 } },
      'nn.BatchNorm2d: new = (1 − momentum) · kept + momentum · seen',
    ),
    stated(
      'one-cycle',
      'conventions',
      'one-cycle to a rate of 1 in 5 steps: the rate of each',
      { op: 'one cycle', tensors: {}, options: { most: 1, steps: 5 } },
      'lr_scheduler.OneCycleLR: from max_lr / 25 over max_lr to a 10000th of the first, at the last of total_steps',
    ),
    stated(
      'weight-layout',
      'conventions',
      'shapes of weights: dense, 2 to 3; convolution, 5 to 6 channels, kernel 3 by 4',
      { op: 'weight layout', tensors: {}, options: { dense: [2, 3], convolution: [5, 6, 3, 4] } },
      'nn.Linear.weight is [out, in], nn.Conv2d.weight [out, in, height, width]',
    ),
    {
      ...stated(
        'initial-weights',
        'conventions',
        'dense layer, 400 to 100: its largest weight and bias at first, times √400',
        { op: 'initial weights', tensors: {}, options: { in: 400, out: 100 } },
        'nn.Linear: weight and bias are uniform in ±1/√in_features',
      ),
      // The largest of 100 numbers that are drawn.
      tolerance: 0.06,
    },
  ]
}
