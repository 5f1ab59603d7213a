import {
  type Argument,
  type ErrorCase,
  fromTorch,
  type ModuleCase,
  type ModuleSpec,
  type Options,
} from '@handgrad/gradcheck'
import { Conv2d } from './conv2d.ts'
import { derivation } from './derivation.ts'
import { mutants } from './mutants.ts'

type Row = readonly [
  name: string,
  shape: readonly number[],
  args: readonly Argument[],
  options?: Options | undefined,
]

const of = ([name, shape, args, options = {}]: Row): ModuleCase => ({
  name,
  args,
  options,
  inputs: { x: { shape } },
})

/** torch's OpInfo samples for conv2d, each batched and unbatched; one that is listed twice there is once here. */
const samples: readonly Row[] = [
  ['stride-2-padding-2', [1, 3, 4, 4], [3, 3, 3], { stride: [2, 2], padding: 2 }],
  [
    'groups-stride-padding-dilation',
    [2, 4, 8, 8],
    [4, 2, 3],
    { stride: [3, 2], padding: [2, 1], groups: 2, dilation: [4, 4] },
  ],
  ['stride-padding-dilation', [1, 4, 5, 5], [4, 1, [2, 3]], { stride: 2, padding: 1, dilation: [2, 3] }],
  ['no-bias-stride-padding', [1, 2, 4, 3], [2, 4, [3, 4]], { stride: 2, padding: 1, bias: false }],
  ['valid-stride', [1, 4, 5, 5], [4, 1, [2, 3]], { stride: 2, padding: 'valid' }],
  ['same-dilation-3', [1, 4, 5, 5], [4, 1, [2, 3]], { stride: 1, padding: 'same', dilation: 3 }],
  ['depthwise', [2, 4, 6, 6], [4, 4, 3], { groups: 4 }],
  ['depthwise-multiplier', [2, 4, 6, 6], [4, 8, 3], { groups: 4 }],
  ['depthwise-multiplier-no-bias', [2, 4, 6, 6], [4, 8, 3], { groups: 4, bias: false }],
  ['depthwise-strided', [2, 4, 6, 6], [4, 4, 3], { groups: 4, stride: [3, 2] }],
  ['depthwise-padded', [2, 4, 6, 6], [4, 4, 3], { groups: 4, padding: [1, 1] }],
  ['depthwise-dilated', [2, 4, 5, 5], [4, 4, 2], { groups: 4, dilation: [2, 2] }],
  ['groups', [2, 4, 6, 5], [4, 6, [3, 2]], { groups: 2 }],
  ['defaults-no-bias', [1, 4, 5, 5], [4, 3, 3], { bias: false }],
]

/** The named cases of torch's module tests that are not among the samples. */
const named: readonly Row[] = [
  ['module-plain', [2, 3, 7, 5], [3, 4, [3, 2]]],
  ['module-strided', [2, 3, 6, 6], [3, 4, [3, 3]], { stride: [2, 2] }],
  ['module-padding', [2, 3, 6, 6], [3, 4, [3, 3]], { stride: [2, 2], padding: [1, 1] }],
  ['module-dilated', [2, 3, 8, 8], [3, 2, [3, 3]], { stride: [2, 2], padding: [1, 1], dilation: [2, 2] }],
  ['module-no-bias', [2, 3, 6, 5], [3, 4, [3, 2]], { bias: false }],
  ['module-pad-valid', [2, 2, 6, 5], [2, 4, [3, 4]], { padding: 'valid' }],
  ['module-pad-same', [2, 2, 6, 5], [2, 4, [3, 4]], { padding: 'same' }],
  ['module-pad-same-dilated', [2, 2, 6, 5], [2, 4, [3, 4]], { padding: 'same', dilation: 2 }],
  ['module-depthwise-strided-2', [2, 4, 6, 6], [4, 4, 3], { groups: 4, stride: [2, 2] }],
]

/** What those leave out: remainders, kernels of one cell and of the whole image, every pair unequal. */
const own: readonly Row[] = [
  ['seed-first', [2, 1, 9, 8], [1, 8, 3], { padding: 1 }],
  ['seed-second', [2, 8, 7, 6], [8, 16, 3], { padding: 1 }],
  ['five-by-five', [2, 3, 8, 7], [3, 4, 5], { padding: 2 }],
  ['all-pairs', [2, 3, 9, 11], [3, 4, [3, 2]], { stride: [2, 3], padding: [2, 1], dilation: [1, 2] }],
  [
    'all-pairs-groups',
    [3, 4, 10, 9],
    [4, 6, [2, 3]],
    { stride: [3, 2], padding: [1, 3], dilation: [2, 1], groups: 2 },
  ],
  ['remainder-rows', [2, 3, 8, 7], [3, 4, 3], { stride: 2 }],
  ['remainder-columns', [2, 3, 7, 10], [3, 4, [3, 2]], { stride: [2, 3] }],
  ['remainder-padded', [2, 3, 6, 9], [3, 2, 3], { stride: [4, 3], padding: 1 }],
  ['stride-beyond-kernel', [2, 3, 9, 10], [3, 4, 2], { stride: [3, 4] }],
  ['one-by-one', [2, 3, 5, 4], [3, 6, 1]],
  ['one-by-one-strided', [2, 3, 5, 4], [3, 6, 1], { stride: [2, 3] }],
  ['one-by-one-padded', [2, 3, 5, 4], [3, 6, 1], { padding: 1 }],
  ['row-kernel', [2, 3, 5, 8], [3, 4, [1, 5]], { padding: [0, 2] }],
  ['column-kernel', [2, 3, 8, 5], [3, 4, [5, 1]], { padding: [2, 0] }],
  ['whole-image', [3, 2, 5, 4], [2, 7, [5, 4]]],
  ['one-output-cell', [2, 3, 5, 4], [3, 4, [3, 2]], { dilation: [2, 3] }],
  ['padding-beyond-kernel', [2, 3, 5, 4], [3, 2, 2], { padding: [3, 4] }],
  ['same-even-kernel', [2, 3, 6, 5], [3, 4, [4, 2]], { padding: 'same' }],
  ['same-even-dilated', [2, 3, 7, 6], [3, 4, [2, 4]], { padding: 'same', dilation: [3, 1] }],
  ['same-no-bias', [2, 3, 7, 6], [3, 4, 3], { padding: 'same', bias: false }],
  ['same-groups', [2, 6, 5, 4], [6, 3, [2, 3]], { padding: 'same', groups: 3 }],
  ['valid-dilated', [2, 3, 8, 7], [3, 4, 2], { padding: 'valid', dilation: [3, 2] }],
  ['one-image', [1, 3, 6, 5], [3, 4, 3], { padding: 1 }],
  ['one-channel', [3, 1, 6, 5], [1, 1, 3], { padding: 1 }],
  ['many-channels', [1, 17, 4, 3], [17, 9, [2, 3]], { padding: 1 }],
  ['many-groups', [2, 9, 5, 4], [9, 9, 2], { groups: 3 }],
  ['depthwise-same', [2, 3, 6, 5], [3, 3, 3], { groups: 3, padding: 'same' }],
  ['unbatched-all-pairs', [3, 9, 11], [3, 4, [3, 2]], { stride: [2, 3], padding: [2, 1], dilation: [1, 2] }],
  ['unbatched-groups', [4, 6, 5], [4, 6, [3, 2]], { groups: 2, stride: 2 }],
  ['unbatched-same', [2, 6, 5], [2, 4, [3, 4]], { padding: 'same' }],
  ['long-sum', [4, 12, 7, 9], [12, 5, 5], { padding: 1 }],
]

/** More images than kernels take at a time, twice over and one: what they sum and clear goes on from part to part. */
const manyImages: readonly Row[] = [
  ['images-3-by-3', [17, 2, 4, 3], [2, 5, 3], { padding: 1 }],
  ['images-5-by-5', [17, 2, 6, 5], [2, 3, 5], { padding: [1, 0] }],
  ['images-strided', [17, 2, 5, 4], [2, 5, [3, 2]], { stride: [2, 1], padding: 1 }],
  ['images-groups', [17, 4, 3, 5], [4, 6, 2], { groups: 2, dilation: [1, 2] }],
]

const nothing = 'the batch is empty'
const empty = { dx: { zero: nothing }, dweight: { zero: nothing }, dbias: { zero: nothing } }

const special: readonly ModuleCase[] = [
  { ...of(['empty-batch', [0, 3, 7, 5], [3, 4, [3, 2]]]), expect: empty },
  {
    ...of(['empty-batch-groups', [0, 4, 7, 5], [4, 6, 2], { groups: 2, stride: 2, padding: 1 }]),
    expect: empty,
  },
  {
    name: 'nan-and-infinity',
    args: [2, 3, 2],
    inputs: { x: { shape: [1, 2, 4, 5], plant: { 7: Number.NaN, 31: Infinity } } },
    noDifferences: 'NaN and infinity spread to every output that reads them',
  },
  {
    name: 'large-and-small',
    args: [3, 4, 3],
    options: { padding: 1 },
    inputs: { x: { shape: [2, 3, 6, 5], scale: 1e6 } },
    params: { weight: { scale: 1e-6 } },
  },
]

const uniform = (item: ModuleCase): ModuleCase => ({
  ...item,
  inputs: { x: { ...item.inputs.x, fill: 'uniform' } },
})

type Refusal = readonly [...Row, message: string, torchAccepts?: string]

const refuse = ([name, shape, args, options, message, torchAccepts]: Refusal): ErrorCase => ({
  ...of([name, shape, args, options]),
  message,
  ...(torchAccepts === undefined ? {} : { torchAccepts }),
})

const image = [1, 2, 6, 5]

const errors: readonly Refusal[] = [
  [
    'stride-negative',
    image,
    [2, 3, 3],
    { stride: [-1, 1] },
    'Conv2d: stride is -1, expected a whole number ≥ 1',
  ],
  ['stride-zero', image, [2, 3, 3], { stride: 0 }, 'Conv2d: stride is 0, expected a whole number ≥ 1'],
  [
    'padding-negative',
    image,
    [2, 3, 3],
    { padding: -1 },
    'Conv2d: padding is -1, expected a whole number ≥ 0',
  ],
  [
    'dilation-negative',
    image,
    [2, 3, 3],
    { dilation: -1 },
    'Conv2d: dilation is -1, expected a whole number ≥ 1',
  ],
  ['dilation-zero', image, [2, 3, 3], { dilation: 0 }, 'Conv2d: dilation is 0, expected a whole number ≥ 1'],
  ['groups-zero', image, [2, 3, 3], { groups: 0 }, 'Conv2d: groups is 0, expected a whole number ≥ 1'],
  [
    'groups-negative',
    image,
    [2, 3, 3],
    { padding: 'same', groups: -1 },
    'Conv2d: groups is -1, expected a whole number ≥ 1',
  ],
  [
    'groups-beyond-channels',
    image,
    [2, 2, 3],
    { groups: 3 },
    'Conv2d: groups is 3, expected a divisor of inChannels 2 and outChannels 2',
  ],
  [
    'groups-do-not-divide-output',
    image,
    [2, 3, 3],
    { groups: 2 },
    'Conv2d: groups is 2, expected a divisor of inChannels 2 and outChannels 3',
  ],
  ['kernel-zero', image, [2, 3, 0], {}, 'Conv2d: kernelSize is 0, expected a whole number ≥ 1'],
  ['kernel-fraction', image, [2, 3, 1.5], {}, 'Conv2d: kernelSize is 1.5, expected a whole number ≥ 1'],
  [
    'kernel-triple',
    image,
    [2, 3, [3, 3, 3]],
    {},
    'Conv2d: kernelSize is 3,3,3, expected a number or a pair of numbers',
  ],
  ['channels-zero', image, [0, 3, 3], {}, 'Conv2d: inChannels is 0, expected a whole number ≥ 1'],
  [
    'padding-word',
    image,
    [2, 3, 3],
    { padding: 'full' },
    "Conv2d: padding is 'full', expected 'same', 'valid', a number or a pair",
  ],
  [
    'same-with-stride',
    image,
    [2, 3, 3],
    { padding: 'same', stride: 2 },
    "Conv2d: padding 'same' needs stride 1, got stride [2,2]",
  ],
  [
    'wrong-channels',
    [4, 3, 6, 5],
    [8, 16, 3],
    {},
    'Conv2d(8→16, 3×3): input has 3 channels, expected 8 (input shape [4,3,6,5])',
  ],
  [
    'wrong-rank',
    [6, 5],
    [2, 3, 3],
    {},
    'Conv2d(2→3, 3×3): input has rank 2, expected [N,C,H,W] or [C,H,W] (input shape [6,5])',
  ],
  [
    'rank-5',
    [1, 2, 6, 5, 4],
    [2, 3, 3],
    {},
    'Conv2d(2→3, 3×3): input has rank 5, expected [N,C,H,W] or [C,H,W] (input shape [1,2,6,5,4])',
  ],
  [
    'kernel-too-large',
    [1, 2, 6, 2],
    [2, 3, 3],
    {},
    'Conv2d(2→3, 3×3): the window reaches over [3,3] cells, the padded input has only [6,2] (input shape [1,2,6,2])',
  ],
  [
    'dilated-kernel-too-large',
    [1, 2, 6, 5],
    [2, 3, 3],
    { dilation: 3 },
    'Conv2d(2→3, 3×3): the window reaches over [7,7] cells, the padded input has only [6,5] (input shape [1,2,6,5])',
  ],
  [
    'empty-channel-axis',
    [1, 0, 6, 5],
    [2, 3, 3],
    {},
    'Conv2d(2→3, 3×3): input has an empty axis besides the batch (input shape [1,0,6,5])',
  ],
]

const integers: ErrorCase = {
  name: 'integers',
  args: [2, 3, 3],
  inputs: { x: { shape: image, fill: 'classes', classes: 5, dtype: 'int64' } },
  message: 'Conv2d(2→3, 3×3): input is int64, expected float32',
}

/** The cases of {@link Conv2d}. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: 'Conv2d',
  torch: 'nn.Conv2d',
  derivation,
  onKernels: 65,
  mutants,
  create: (args, options) => new Conv2d(...(args as [number, number, number]), options),
  ownDtype: true,
  linear: ['x', 'weight'],
  cases: [
    ...fromTorch(samples.map(of).map(uniform)),
    ...fromTorch(
      samples.map(([name, shape, args, options]) =>
        uniform(of([`${name}-unbatched`, shape.slice(1), args, options])),
      ),
    ),
    ...fromTorch(named.map(of)),
    ...own.map(of),
    ...manyImages.map(of),
    ...special,
  ],
  errors: [...errors.map(refuse), integers],
}
