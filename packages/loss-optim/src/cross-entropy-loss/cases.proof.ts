import { combinations, fromTorch, type ModuleCase, type Options, type TensorSpec } from '@handgrad/gradcheck'

/** The option `weight`: the case's tensor of that name. */
export const weight: { readonly tensor: string } = { tensor: 'weight' }
/** A weight for each class. */
export const positive = (classes: number): Record<string, TensorSpec> => ({
  weight: { shape: [classes], fill: 'positive' },
})

/** Class indices for logits of `shape`: [C] → [], [N,C,d…] → [N,d…]. */
export const indices = (shape: readonly number[], more: Partial<TensorSpec> = {}): TensorSpec => {
  const [classes, samples] = shape.length === 1 ? [shape[0], []] : [shape[1], [shape[0], ...shape.slice(2)]]
  return { shape: samples, fill: 'classes', classes, dtype: 'int32', ...more }
}

/** A case with logits of `shape`. */
export const of = (
  name: string,
  shape: readonly number[],
  options: Options = {},
  target: TensorSpec = indices(shape),
  logits: Partial<TensorSpec> = {},
): ModuleCase => ({
  name,
  options,
  inputs: { x: { shape, ...logits }, target },
  ...('weight' in options ? { tensors: positive(shape.length === 1 ? shape[0] : shape[1]) } : {}),
})

/** A target of probabilities. */
export const probabilities = (shape: readonly number[]): TensorSpec => ({ shape, fill: 'probabilities' })
const reductions = ['mean', 'sum', 'none'] as const

/** torch's samples for cross_entropy: (2, 3) and up to three more axes, reductions, weights, ignored indices. */
const samples: ModuleCase[] = [
  [2, 3],
  [2, 3, 1],
  [2, 3, 1, 2],
  [2, 3, 1, 2, 3],
]
  .flatMap((shape) => [
    of(`axes-${shape.length}`, shape),
    of(`axes-${shape.length}-prob`, shape, {}, probabilities(shape)),
  ])
  .concat(
    reductions.flatMap((reduction) => [
      of(`weight-${reduction}`, [2, 3], { weight, reduction }),
      of(`weight-${reduction}-prob`, [2, 3], { weight, reduction }, probabilities([2, 3])),
    ]),
  )

/** torch's module tests: reductions × options × shapes × kinds of target. */
const constructors: Record<string, Options> = {
  plain: {},
  weights: { weight },
  'ignore-index': { ignoreIndex: 1 },
  'label-smoothing': { labelSmoothing: 0.15 },
  'ignore-index-label-smoothing': { ignoreIndex: 1, labelSmoothing: 0.15 },
}
const modules = combinations({ reduction: reductions, constructor: Object.keys(constructors) }).flatMap(
  ({ reduction, constructor }): ModuleCase[] => {
    const options = { ...constructors[constructor], reduction }
    const name = (what: string): string => `${what}-${constructor}-${reduction}`
    const byIndex = { '2d': [2, 3], '3d': [2, 3, 5], '4d': [2, 3, 5, 5], '6d': [2, 3, 5, 5, 2, 2] }
    const byProbability = { '2d': [5, 3], '3d': [5, 3, 4], '4d': [5, 3, 4, 2], '6d': [2, 3, 5, 5, 2, 2] }
    // The first target is a class that counts, so that something is left of two samples.
    const cases = Object.entries(byIndex).map(([what, shape]) =>
      of(name(what), shape, options, indices(shape, { plant: { 0: 2 } })),
    )
    if ('ignoreIndex' in options) return cases
    return [
      ...cases,
      ...Object.entries(byProbability).map(([what, shape]) =>
        of(name(`${what}-prob`), shape, options, probabilities(shape)),
      ),
      of(name('no-batch'), [3], options),
    ]
  },
)

const ignored = { dx: { zero: 'every target is ignored' } }
const nothing = { dx: { zero: 'there is no sample' } }
const infinite = { noDifferences: 'the loss is NaN or infinite' }
const every = { weight, ignoreIndex: 2, labelSmoothing: 0.2 }

const own: ModuleCase[] = [
  of('mnist', [7, 10]),
  of('mnist-int64', [7, 10], {}, indices([7, 10], { dtype: 'int64' })),
  of('mnist-uint8', [7, 10], {}, indices([7, 10], { dtype: 'uint8' })),
  ...reductions.map((reduction) =>
    of(
      `all-options-${reduction}`,
      [9, 5],
      { ...every, reduction },
      indices([9, 5], { plant: { 0: 1, 4: 2 } }),
    ),
  ),
  ...reductions.map((reduction) =>
    of(
      `all-options-deep-${reduction}`,
      [4, 5, 3, 2],
      { ...every, reduction },
      indices([4, 5, 3, 2], { plant: { 0: 0, 5: 2 } }),
    ),
  ),
  ...reductions.map((reduction) =>
    of(
      `weight-smoothing-prob-${reduction}`,
      [6, 4, 3],
      { weight, labelSmoothing: 0.3, reduction },
      probabilities([6, 4, 3]),
    ),
  ),
  of('no-batch-all-options', [5], { weight, labelSmoothing: 0.1 }),
  of('no-batch-probabilities', [5], {}, probabilities([5])),
  of('smoothing-all', [4, 6], { labelSmoothing: 1 }),
  of('not-normalised-probabilities', [4, 6], {}, { shape: [4, 6], fill: 'positive' }),
  of('one-sample', [1, 6]),
  of('many-samples', [17, 5], {}, indices([17, 5], { plant: { 2: -100, 9: 4 } })),
  of('many-samples-sum', [19, 3], { reduction: 'sum' }),
  { ...of('one-class', [5, 1]), expect: { dx: { zero: 'the softmax of one class is 1' } } },
  of('many-classes', [3, 97]),
  of('ignored-minus-100', [5, 4], {}, indices([5, 4], { plant: { 0: -100, 3: -100 } })),
  of('ignored-minus-1', [5, 4], { ignoreIndex: -1 }, indices([5, 4], { plant: { 1: -1, 2: -1 } })),
  of(
    'ignored-beyond-classes',
    [5, 4],
    { ignoreIndex: 255 },
    indices([5, 4], { dtype: 'uint8', plant: { 1: 255 } }),
  ),
  {
    ...of('ignored-with-infinite-logits', [3, 4], {}, indices([3, 4], { plant: { 0: 1, 1: -100, 2: 3 } }), {
      plant: { 4: Infinity, 5: Number.NaN },
    }),
    ...infinite,
  },
  {
    ...of(
      'zero-weight-at-minus-infinity',
      [3, 4],
      { weight },
      indices([3, 4], { plant: { 0: 1, 1: 2, 2: 3 } }),
      {
        plant: { 6: -Infinity },
      },
    ),
    tensors: { weight: { shape: [4], fill: 'positive', plant: { 2: 0 } } },
    ...infinite,
  },
  {
    ...of(
      'smoothing-all-own-minus-infinity',
      [3, 4],
      { labelSmoothing: 1 },
      indices([3, 4], { plant: { 1: 2 } }),
      {
        plant: { 6: -Infinity },
      },
    ),
    ...infinite,
  },
  of('large-logits', [4, 6], {}, indices([4, 6]), { scale: 30 }),
  of('shifted-logits', [3, 4], {}, indices([3, 4], { plant: { 0: 1, 1: 0, 2: 3 } }), {
    plant: { 0: 999, 1: 1000, 2: 998.5, 3: 1001, 4: -1000, 5: -999, 6: -1001, 7: -1000.5 },
  }),
  {
    ...of('thousands', [3, 4], {}, indices([3, 4], { plant: { 0: 1, 1: 0, 2: 3 } }), {
      plant: { 0: 1000, 1: -1000, 5: 1000, 6: -1000, 8: 1000, 11: 1000 },
    }),
    noDifferences: 'logits of ±1000 saturate',
  },
  { ...of('plus-infinity', [3, 4], {}, indices([3, 4]), { plant: { 5: Infinity } }), ...infinite },
  {
    ...of('minus-infinity-elsewhere', [2, 4], {}, indices([2, 4], { plant: { 0: 1, 1: 0 } }), {
      plant: { 2: -Infinity, 7: -Infinity },
    }),
    noDifferences: 'infinities',
  },
  {
    ...of('minus-infinity-at-target', [2, 4], {}, indices([2, 4], { plant: { 0: 2, 1: 0 } }), {
      plant: { 2: -Infinity },
    }),
    ...infinite,
  },
  { ...of('nan-logit', [3, 4], {}, indices([3, 4]), { plant: { 5: Number.NaN } }), ...infinite },
  ...reductions.map(
    (reduction): ModuleCase => ({
      ...of(
        `all-ignored-${reduction}`,
        [3, 4],
        { reduction },
        indices([3, 4], { plant: { 0: -100, 1: -100, 2: -100 } }),
      ),
      expect: ignored,
      ...(reduction === 'mean' ? infinite : {}),
    }),
  ),
  ...reductions.map(
    (reduction): ModuleCase => ({
      ...of(`empty-batch-${reduction}`, [0, 4], { reduction }),
      expect: nothing,
      ...(reduction === 'mean' ? infinite : {}),
    }),
  ),
  {
    ...of('zero-total-weight', [3, 4], { weight }),
    tensors: { weight: { shape: [4], fill: 'zeros' } },
    expect: { dx: { constant: 'every gradient is NaN' } },
    ...infinite,
  },
  {
    ...of('zero-total-weight-sum', [3, 4], { weight, reduction: 'sum' }),
    tensors: { weight: { shape: [4], fill: 'zeros' } },
    expect: { dx: { zero: 'every weight is 0' } },
  },
  {
    ...of('one-zero-weight', [5, 4], { weight }),
    tensors: { weight: { shape: [4], fill: 'positive', plant: { 2: 0 } } },
  },
]

/** All cases: PyTorch's samples and its module tests, and our own. */
export const cases: readonly ModuleCase[] = [...fromTorch(samples), ...fromTorch(modules), ...own]
