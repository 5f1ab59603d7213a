import type { Tensor } from '@handgrad/tensor'

/** The tensors of a golden case, inputs and results, by name. */
export type CaseTensors = Readonly<Record<string, Tensor>>

/** What happens at an edge, and the golden case that holds us to it. */
export interface Semantics {
  readonly what: string
  readonly says: string
  /** `<folder>/<case>` of the golden values. */
  readonly golden: string
  /** Whether the case's tensors are what the sentence says, and the edge is in its inputs. */
  readonly holds: (given: CaseTensors, result: CaseTensors) => boolean
}

const values = (x: Tensor): number[] => Array.from(x.data)
const all = (x: Tensor, is: (value: number) => boolean): boolean => values(x).every(is)
const some = (x: Tensor, is: (value: number) => boolean): boolean => values(x).some(is)
const isZero = (value: number): boolean => value === 0
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b))

/** What a case of ours does at its edges beyond those of the behaviours: PyTorch's golden values say the same. */
export const semantics: readonly Semantics[] = [
  {
    what: 'ReLU of −0',
    says: 'is −0',
    golden: 'relu/zeros-and-minus-zeros',
    holds: ({ x }, { y }) =>
      some(x, (v) => Object.is(v, -0)) &&
      values(x).every((v, i) => !Object.is(v, -0) || Object.is(y.data[i], -0)),
  },
  {
    what: 'ReLU, slope at 0 and at −0',
    says: '0',
    golden: 'relu/zeros-and-minus-zeros',
    holds: ({ x }, { dx }) => some(x, isZero) && values(x).every((v, i) => v !== 0 || dx.data[i] === 0),
  },
  {
    what: 'Convolution of no images',
    says: 'gives no outputs, and gradients of the weight and the bias that are 0',
    golden: 'conv2d/empty-batch',
    holds: ({ x }, { y, dweight, dbias }) =>
      x.shape[0] === 0 && y.shape[0] === 0 && all(dweight, isZero) && all(dbias, isZero),
  },
  {
    what: 'Convolution with a stride that leaves rows over',
    says: 'the gradient of those rows is 0',
    golden: 'conv2d/remainder-rows',
    holds: ({ x }, { dx }) => {
      const [, , h, w] = x.shape
      const last = values(dx).filter((_, i) => Math.floor(i / w) % h === h - 1)
      return last.length > 0 && last.every(isZero) && some(dx, (v) => v !== 0)
    },
  },
  {
    what: 'Linear without rows',
    says: 'gives none, and gradients of 0',
    golden: 'linear/empty-middle',
    holds: ({ x }, { y, dweight }) => x.data.length === 0 && y.data.length === 0 && all(dweight, isZero),
  },
  {
    what: 'Max-pooling of no images',
    says: 'gives none',
    golden: 'max-pool2d/empty-batch',
    holds: ({ x }, { y }) => x.shape[0] === 0 && y.shape[0] === 0,
  },
  {
    what: 'Cross-entropy, the mean where every target is ignored',
    says: 'the loss is NaN, its gradient 0',
    golden: 'cross-entropy-loss/all-ignored-mean',
    holds: (_, { y, dx }) => all(y, Number.isNaN) && dx.data.length > 0 && all(dx, isZero),
  },
  {
    what: 'Cross-entropy, the sum where every target is ignored',
    says: 'the loss is 0, its gradient 0',
    golden: 'cross-entropy-loss/all-ignored-sum',
    holds: (_, { y, dx }) => all(y, isZero) && dx.data.length > 0 && all(dx, isZero),
  },
  {
    what: 'Cross-entropy, the mean over no samples',
    says: 'is NaN',
    golden: 'cross-entropy-loss/empty-batch-mean',
    holds: ({ x }, { y }) => x.data.length === 0 && all(y, Number.isNaN),
  },
  {
    what: 'Cross-entropy of logits in the thousands',
    says: 'is finite, and its gradient sums to 0',
    golden: 'cross-entropy-loss/thousands',
    holds: ({ x }, { y, dx }) =>
      some(x, (v) => Math.abs(v) >= 1000) &&
      all(y, Number.isFinite) &&
      Math.abs(values(dx).reduce((sum, v) => sum + v, 0)) < 1e-9,
  },
  {
    what: 'Cross-entropy, a logit of −∞ at the target',
    says: 'the loss is ∞',
    golden: 'cross-entropy-loss/minus-infinity-at-target',
    holds: ({ x }, { y }) => some(x, (v) => v === -Infinity) && some(y, (v) => v === Infinity),
  },
  {
    what: 'Dropout with p = 1',
    says: 'gives 0, with a gradient of 0',
    golden: 'dropout/5-5-p-1-train',
    holds: ({ x }, { y, dx }) => some(x, (v) => v !== 0) && all(y, isZero) && all(dx, isZero),
  },
  {
    what: 'Dropout in evaluation',
    says: 'is the identity, both ways',
    golden: 'dropout/5-5-p-0.5-eval',
    holds: ({ x, dy }, { y, dx }) =>
      values(x).every((v, i) => y.data[i] === v) && values(dy).every((v, i) => dx.data[i] === v),
  },
  {
    what: 'SGD, the first momentum with dampening',
    says: 'is the whole gradient: dampening begins with the second step',
    golden: 'sgd/dampening',
    holds: (given, result) => {
      const rate = (i: number): number =>
        (given['param.weight'].data[i] - result['weight.1'].data[i]) / given['grad.weight.1'].data[i]
      return values(given['param.weight']).every((_, i) => Math.abs(rate(i) / rate(0) - 1) < 1e-9)
    },
  },
  {
    what: 'SGD, a parameter that never has a gradient',
    says: 'stays what it was',
    golden: 'sgd/never-a-gradient',
    holds: (given, result) =>
      ['bias.1', 'bias.4'].every((name) =>
        values(given['param.bias']).every((v, i) => result[name].data[i] === v),
      ),
  },
  {
    what: 'OneCycleLR, the last of its steps',
    says: 'has the smallest rate: that of the top by 25 · 10⁴',
    golden: 'schedules/cycle-cos-false-true',
    holds: (_, { lr }) => near(lr.data[lr.data.length - 1], 0.1 / 25 / 1e4),
  },
  {
    what: 'OneCycleLR, the momentum at the top of the rate',
    says: 'is at its smallest, 0.85, and at its ends 0.95',
    golden: 'schedules/cycle-cos-false-true',
    holds: (_, { lr, momentum }) => {
      const rates = values(lr)
      const top = rates.indexOf(Math.max(...rates))
      return near(momentum.data[top], 0.85) && near(momentum.data[0], 0.95)
    },
  },
]
