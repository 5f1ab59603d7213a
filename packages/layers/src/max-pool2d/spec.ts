import {
  type Argument,
  combinations,
  type ErrorCase,
  fromTorch,
  type ModuleCase,
  type ModuleSpec,
  type Options,
  type TensorSpec,
} from '@handgrad/gradcheck'
import { derivation } from './derivation.ts'
import { MaxPool2d } from './max-pool2d.ts'
import { mutants } from './mutants.ts'

/** torch's samples for max_pool2d, without return_indices and channels_last, and padding (1,1), which is 1 again. */
const samples = combinations({
  shape: [
    [1, 2, 3, 6],
    [1, 2, 6, 6],
    [2, 2, 3, 6],
    [2, 2, 6, 6],
    [2, 3, 6],
    [2, 6, 6],
  ],
  kernel: [3, [3, 2]],
  stride: [2, null, [2, 1]],
  ceilMode: [true, false],
  padding: [0, 1],
  dilation: [1, [1, 2]],
} as const).map(({ shape, kernel, stride, ceilMode, padding, dilation }): ModuleCase => {
  const words = [
    shape.join('-'),
    `k${String(kernel)}`,
    `s${String(stride ?? '')}`,
    ceilMode ? 'ceil' : 'floor',
    `p${padding}`,
    `d${String(dilation)}`,
  ]
  return {
    name: words.join('_'),
    args: [kernel],
    options: { ...(stride === null ? {} : { stride }), ceilMode, padding, dilation },
    inputs: { x: { shape, fill: 'uniform' } },
  }
})

const of = (name: string, x: TensorSpec, args: readonly Argument[], options: Options = {}): ModuleCase => ({
  name,
  args,
  options,
  inputs: { x },
})

const distinct = (shape: readonly number[]): TensorSpec => ({ shape, fill: 'distinct' })
const ties = (shape: readonly number[]): TensorSpec => ({ shape, fill: 'ties' })
const tied = (share: number): Pick<ModuleCase, 'skip'> => ({
  skip: { share, why: 'whole numbers from −2 to 2 tie in many windows' },
})

const own: readonly ModuleCase[] = [
  of('seed-first', distinct([2, 3, 6, 8]), [2]),
  of('remainder', distinct([2, 3, 7, 9]), [2]),
  of('remainder-ceil', distinct([2, 3, 7, 9]), [2], { ceilMode: true }),
  of('overlap', distinct([2, 3, 7, 6]), [3], { stride: 1 }),
  of('overlap-dilated', distinct([2, 3, 9, 8]), [[3, 2]], { stride: [2, 1], dilation: [2, 3] }),
  of('overlap-padded', distinct([2, 3, 7, 6]), [3], { stride: 2, padding: 1 }),
  of('gaps', distinct([2, 3, 9, 8]), [2], { stride: [3, 4] }),
  of('one-cell', distinct([2, 3, 5, 4]), [1]),
  of('whole-image', distinct([2, 3, 5, 4]), [[5, 4]]),
  of('row-window', distinct([2, 3, 5, 8]), [[1, 4]], { padding: [0, 2] }),
  of('ceil-all', distinct([2, 3, 8, 10]), [[3, 4]], {
    stride: [2, 3],
    padding: [1, 2],
    ceilMode: true,
    dilation: [2, 1],
  }),
  of('unbatched', distinct([3, 7, 6]), [[3, 2]], { stride: [1, 2], padding: 1 }),
  of('images', distinct([17, 5, 2, 4]), [2]),
  of('images-overlap', distinct([17, 5, 3, 4]), [2], { stride: 1 }),
  of('images-overlap-lanes', distinct([2, 9, 4, 5]), [3], { stride: [1, 2], padding: 1 }),
  of('one-image', distinct([1, 3, 6, 4]), [2]),
  { ...of('ties', ties([2, 3, 6, 8]), [2]), ...tied(0.17) },
  { ...of('ties-overlap', ties([2, 3, 7, 6]), [3], { stride: 1, padding: 1 }), ...tied(0.4) },
  {
    ...of('ties-dilated-ceil', ties([2, 3, 8, 7]), [2], {
      stride: 2,
      dilation: 2,
      padding: 1,
      ceilMode: true,
    }),
    ...tied(0.12),
  },
  {
    ...of('all-tie', { shape: [2, 3, 6, 4], fill: 'zeros' }, [[3, 2]], { stride: [1, 2] }),
    skip: { share: 1, why: 'all elements are equal' },
  },
  of('all-negative-padded', { shape: [2, 3, 5, 6], fill: 'negative' }, [3], { padding: 1 }),
  of('all-negative-overlap', { shape: [2, 3, 5, 6], fill: 'negative' }, [[2, 3]], {
    stride: 1,
    padding: [1, 0],
  }),
  {
    ...of(
      'zeros-of-both-signs',
      { shape: [1, 1, 2, 6], fill: 'negative', plant: { 0: -0, 1: 0, 2: 0, 3: -0, 10: -0, 11: 0 } },
      [2],
    ),
    skip: { share: 0.5, why: 'zeros tie' },
  },
]

const infinite = { noDifferences: 'NaN and infinities' }
const special: readonly ModuleCase[] = [
  {
    ...of(
      'minus-infinity',
      {
        shape: [1, 2, 4, 6],
        plant: { 0: -Infinity, 1: -Infinity, 6: -Infinity, 7: -Infinity, 9: -Infinity },
      },
      [2],
    ),
    ...infinite,
  },
  {
    ...of(
      'minus-infinity-padded',
      {
        shape: [1, 1, 3, 4],
        scale: 0,
        plant: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [i, -Infinity])),
      },
      [3],
      { padding: 1, stride: 1 },
    ),
    ...infinite,
  },
  {
    ...of(
      'plus-infinity',
      { shape: [1, 2, 4, 6], plant: { 2: Infinity, 8: Infinity, 20: Infinity } },
      [[2, 3]],
      { stride: 1 },
    ),
    ...infinite,
  },
  { ...of('one-nan', { shape: [1, 2, 4, 6], plant: { 8: Number.NaN, 30: Number.NaN } }, [2]), ...infinite },
  {
    ...of(
      'several-nan',
      {
        shape: [1, 2, 4, 6],
        plant: { 0: Number.NaN, 6: Number.NaN, 9: Number.NaN, 2: Number.NaN, 26: Infinity, 27: Number.NaN },
      },
      [[2, 3]],
    ),
    ...infinite,
  },
  {
    ...of(
      'nan-overlap',
      { shape: [1, 2, 5, 6], plant: { 8: Number.NaN, 9: Number.NaN, 21: Number.NaN } },
      [3],
      { stride: 1, padding: 1 },
    ),
    ...infinite,
  },
  { ...of('empty-batch', { shape: [0, 3, 6, 4] }, [2]), expect: { dx: { zero: 'the batch is empty' } } },
]

const error = (
  name: string,
  shape: readonly number[],
  args: readonly Argument[],
  options: Options,
  message: string,
): ErrorCase => ({
  name,
  args,
  options,
  inputs: { x: { shape } },
  message,
})

const image = [1, 2, 6, 5]

/** The cases of {@link MaxPool2d}. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: 'MaxPool2d',
  torch: 'nn.MaxPool2d',
  derivation,
  exact: true,
  onKernels: 300,
  mutants,
  create: (args, options) => new MaxPool2d(...(args as [number]), options),
  cases: [...fromTorch(samples), ...own, ...special],
  errors: [
    error(
      'padding-negative',
      image,
      [2],
      { padding: -1 },
      'MaxPool2d: padding is -1, expected a whole number ≥ 0',
    ),
    error(
      'padding-negative-pair',
      image,
      [[3, 2]],
      { padding: [0, -1] },
      'MaxPool2d: padding is -1, expected a whole number ≥ 0',
    ),
    error(
      'padding-beyond-half',
      image,
      [2],
      { padding: 2 },
      'MaxPool2d: padding is [2,2], expected at most half of kernelSize [2,2]',
    ),
    error(
      'padding-beyond-half-pair',
      image,
      [[3, 2]],
      { padding: [1, 2] },
      'MaxPool2d: padding is [1,2], expected at most half of kernelSize [3,2]',
    ),
    error('kernel-zero', image, [0], {}, 'MaxPool2d: kernelSize is 0, expected a whole number ≥ 1'),
    error(
      'stride-zero',
      image,
      [2],
      { stride: [1, 0] },
      'MaxPool2d: stride is 0, expected a whole number ≥ 1',
    ),
    error(
      'dilation-zero',
      image,
      [2],
      { dilation: 0 },
      'MaxPool2d: dilation is 0, expected a whole number ≥ 1',
    ),
    error(
      'no-channel',
      [1, 0, 10],
      [1],
      {},
      'MaxPool2d(1×1): input has an empty axis besides the batch (input shape [1,0,10])',
    ),
    error(
      'no-column',
      [2, 1, 10, 0],
      [1],
      {},
      'MaxPool2d(1×1): input has an empty axis besides the batch (input shape [2,1,10,0])',
    ),
    error(
      'window-too-large',
      [1, 1, 4],
      [2],
      {},
      'MaxPool2d(2×2): the window reaches over [2,2] cells, the padded input has only [1,4] (input shape [1,1,4])',
    ),
    error(
      'wrong-rank',
      [6, 5],
      [2],
      {},
      'MaxPool2d(2×2): input has rank 2, expected [N,C,H,W] or [C,H,W] (input shape [6,5])',
    ),
    {
      name: 'integers',
      args: [2],
      inputs: { x: { shape: image, fill: 'classes', classes: 4, dtype: 'int32' } },
      message: 'MaxPool2d(2×2): input is int32, expected float32 or float64',
      torchAccepts: 'torch pools integers too, where no gradient exists',
    },
  ],
}
