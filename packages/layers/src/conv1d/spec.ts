import {
  type Argument,
  type ErrorCase,
  fromTorch,
  type ModuleCase,
  type ModuleSpec,
  type Options,
} from '@handgrad/gradcheck'
import { Conv1d } from './conv1d.ts'
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

/** torch's OpInfo samples for conv1d, each batched and unbatched. */
const samples: readonly Row[] = [
  ['stride-2-padding-2', [1, 3, 4], [3, 3, 3], { stride: 2, padding: 2 }],
  ['groups-stride-padding-dilation', [2, 4, 8], [4, 2, 3], { stride: 3, padding: 1, groups: 2, dilation: 2 }],
  ['valid-stride-no-bias', [1, 4, 5], [4, 1, 3], { stride: 2, padding: 'valid', bias: false }],
  ['same-groups-dilation', [2, 2, 4], [2, 2, 4], { stride: 1, padding: 'same', groups: 2, dilation: 2 }],
  ['defaults-no-bias', [1, 4, 5], [4, 3, 3], { bias: false }],
]

/** The named cases of torch's module tests. */
const named: readonly Row[] = [
  ['module-plain', [2, 4, 10], [4, 5, 3]],
  ['module-stride', [2, 4, 10], [4, 5, 3], { stride: 2 }],
  ['module-pad1', [2, 4, 10], [4, 5, 3], { padding: 1 }],
  ['module-pad2', [2, 4, 10], [4, 5, 5], { padding: 2 }],
  ['module-pad1size1', [1, 4, 1], [4, 4, 3], { padding: 1 }],
  ['module-pad2size1', [1, 4, 1], [4, 4, 5], { padding: 2 }],
  ['module-dilated', [2, 4, 10], [4, 5, 3], { dilation: 2 }],
  ['module-groups', [2, 4, 6], [4, 6, 3], { groups: 2 }],
  ['module-pad-valid', [2, 4, 10], [4, 5, 3], { padding: 'valid' }],
  ['module-pad-same', [2, 4, 10], [4, 5, 3], { padding: 'same' }],
  ['module-pad-same2', [2, 4, 10], [4, 5, 4], { padding: 'same' }],
  ['module-pad-same-dilated', [2, 4, 10], [4, 5, 4], { padding: 'same', dilation: 2 }],
]

/** What those leave out: remainders, kernels of one cell and of the whole line, everything at once. */
const own: readonly Row[] = [
  ['signal', [3, 1, 17], [1, 8, 5], { padding: 2 }],
  ['all-options', [2, 3, 11], [3, 4, 5], { stride: 3, padding: 4, dilation: 2 }],
  ['all-options-groups', [3, 4, 10], [4, 6, 2], { stride: 2, padding: 3, dilation: 3, groups: 2 }],
  ['remainder', [2, 3, 8], [3, 4, 3], { stride: 2 }],
  ['remainder-of-two', [2, 3, 11], [3, 5, 4], { stride: 4, padding: 1 }],
  ['stride-beyond-kernel', [2, 3, 10], [3, 4, 2], { stride: 4 }],
  ['one-tap', [2, 3, 5], [3, 6, 1]],
  ['one-tap-strided', [2, 3, 7], [3, 6, 1], { stride: 3 }],
  ['one-tap-padded', [2, 3, 5], [3, 6, 1], { padding: 1 }],
  ['two-taps', [2, 3, 5], [3, 4, 2]],
  ['whole-line', [3, 2, 6], [2, 7, 6]],
  ['one-output-cell', [2, 3, 7], [3, 4, 4], { dilation: 2 }],
  ['padding-of-a-kernel', [2, 3, 5], [3, 4, 2], { padding: 2 }],
  ['padding-beyond-kernel', [2, 3, 5], [3, 4, 2], { padding: 4 }],
  ['padding-of-a-kernel-but-one', [2, 3, 5], [3, 4, 6], { padding: 5 }],
  ['same-even-kernel', [2, 3, 7], [3, 5, 4], { padding: 'same' }],
  ['same-two-taps', [2, 3, 8], [3, 5, 2], { padding: 'same' }],
  ['same-even-dilated', [2, 3, 8], [3, 5, 4], { padding: 'same', dilation: 3 }],
  ['same-no-bias', [2, 3, 7], [3, 4, 5], { padding: 'same', bias: false }],
  ['same-groups', [2, 6, 5], [6, 3, 4], { padding: 'same', groups: 3 }],
  ['valid-dilated', [2, 3, 8], [3, 4, 2], { padding: 'valid', dilation: 3 }],
  ['one-line', [1, 3, 6], [3, 4, 2], { padding: 1 }],
  ['one-channel', [3, 1, 6], [1, 1, 4], { padding: 1 }],
  ['many-channels', [1, 17, 4], [17, 9, 3], { padding: 1 }],
  ['many-groups', [2, 9, 5], [9, 6, 2], { groups: 3 }],
  ['depthwise', [2, 4, 7], [4, 4, 3], { groups: 4, padding: 1 }],
  ['depthwise-multiplier', [2, 4, 6], [4, 8, 3], { groups: 4, stride: 2 }],
  ['unbatched-all-options', [3, 11], [3, 4, 2], { stride: 3, padding: 1, dilation: 2 }],
  ['unbatched-groups', [4, 6], [4, 6, 3], { groups: 2, stride: 2 }],
  ['unbatched-same', [2, 7], [2, 5, 4], { padding: 'same' }],
  ['long-sum', [4, 12, 23], [12, 5, 9], { padding: 3 }],
]

/** More lines than kernels take at a time, twice over and one: what they sum and clear goes on from part to part. */
const manyLines: readonly Row[] = [
  ['lines-of-3-taps', [17, 2, 7], [2, 5, 3], { padding: 1 }],
  ['lines-of-5-taps', [17, 2, 8], [2, 3, 5], { padding: 1 }],
  ['lines-strided', [17, 2, 9], [2, 5, 3], { stride: 2, padding: 1 }],
  ['lines-groups', [17, 4, 7], [4, 6, 2], { groups: 2, dilation: 2 }],
]

const nothing = 'the batch is empty'
const empty = { dx: { zero: nothing }, dweight: { zero: nothing }, dbias: { zero: nothing } }

const special: readonly ModuleCase[] = [
  { ...of(['empty-batch', [0, 3, 7], [3, 4, 2]]), expect: empty },
  {
    ...of(['empty-batch-groups', [0, 4, 7], [4, 6, 2], { groups: 2, stride: 2, padding: 1 }]),
    expect: empty,
  },
  {
    name: 'nan-and-infinity',
    args: [2, 3, 2],
    inputs: { x: { shape: [1, 2, 9], plant: { 3: Number.NaN, 16: Infinity } } },
    noDifferences: 'NaN and infinity spread to every output that reads them',
  },
  {
    name: 'large-and-small',
    args: [3, 4, 5],
    options: { padding: 1 },
    inputs: { x: { shape: [2, 3, 8], scale: 1e6 } },
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

const line = [1, 2, 6]

const errors: readonly Refusal[] = [
  ['stride-negative', line, [2, 3, 3], { stride: -1 }, 'Conv1d: stride is -1, expected a whole number ≥ 1'],
  ['stride-zero', line, [2, 3, 3], { stride: 0 }, 'Conv1d: stride is 0, expected a whole number ≥ 1'],
  ['stride-pair', line, [2, 3, 3], { stride: [1, 2] }, 'Conv1d: stride is 1,2, expected a number'],
  [
    'padding-negative',
    line,
    [2, 3, 3],
    { padding: -1 },
    'Conv1d: padding is -1, expected a whole number ≥ 0',
  ],
  ['padding-pair', line, [2, 3, 3], { padding: [1, 2] }, 'Conv1d: padding is 1,2, expected a number'],
  [
    'dilation-negative',
    line,
    [2, 3, 3],
    { dilation: -1 },
    'Conv1d: dilation is -1, expected a whole number ≥ 1',
  ],
  ['dilation-zero', line, [2, 3, 3], { dilation: 0 }, 'Conv1d: dilation is 0, expected a whole number ≥ 1'],
  ['groups-zero', line, [2, 3, 3], { groups: 0 }, 'Conv1d: groups is 0, expected a whole number ≥ 1'],
  [
    'groups-negative',
    line,
    [2, 3, 3],
    { padding: 'same', groups: -1 },
    'Conv1d: groups is -1, expected a whole number ≥ 1',
  ],
  [
    'groups-beyond-channels',
    line,
    [2, 2, 3],
    { groups: 3 },
    'Conv1d: groups is 3, expected a divisor of inChannels 2 and outChannels 2',
  ],
  [
    'groups-do-not-divide-output',
    line,
    [2, 3, 3],
    { groups: 2 },
    'Conv1d: groups is 2, expected a divisor of inChannels 2 and outChannels 3',
  ],
  [
    'groups-do-not-divide-input',
    line,
    [3, 4, 3],
    { groups: 2 },
    'Conv1d: groups is 2, expected a divisor of inChannels 3 and outChannels 4',
  ],
  ['kernel-zero', line, [2, 3, 0], {}, 'Conv1d: kernelSize is 0, expected a whole number ≥ 1'],
  ['kernel-fraction', line, [2, 3, 1.5], {}, 'Conv1d: kernelSize is 1.5, expected a whole number ≥ 1'],
  ['kernel-pair', line, [2, 3, [3, 3]], {}, 'Conv1d: kernelSize is 3,3, expected a number'],
  ['channels-zero', line, [0, 3, 3], {}, 'Conv1d: inChannels is 0, expected a whole number ≥ 1'],
  [
    'padding-word',
    line,
    [2, 3, 3],
    { padding: 'full' },
    "Conv1d: padding is 'full', expected 'same', 'valid' or a number",
  ],
  [
    'same-with-stride',
    line,
    [2, 3, 3],
    { padding: 'same', stride: 2 },
    "Conv1d: padding 'same' needs stride 1, got stride 2",
  ],
  [
    'wrong-channels',
    [4, 3, 6],
    [8, 16, 3],
    {},
    'Conv1d(8→16, 3): input has 3 channels, expected 8 (input shape [4,3,6])',
  ],
  [
    'wrong-rank',
    [6],
    [2, 3, 3],
    {},
    'Conv1d(2→3, 3): input has rank 1, expected [N,C,L] or [C,L] (input shape [6])',
  ],
  [
    'rank-4',
    [1, 2, 6, 5],
    [2, 3, 3],
    {},
    'Conv1d(2→3, 3): input has rank 4, expected [N,C,L] or [C,L] (input shape [1,2,6,5])',
  ],
  [
    'kernel-too-large',
    [1, 2, 4],
    [2, 3, 7],
    { padding: 1 },
    'Conv1d(2→3, 7): the window reaches over [7] cells, the padded input has only [6] (input shape [1,2,4])',
  ],
  [
    'dilated-kernel-too-large',
    [1, 2, 6],
    [2, 3, 3],
    { dilation: 3 },
    'Conv1d(2→3, 3): the window reaches over [7] cells, the padded input has only [6] (input shape [1,2,6])',
  ],
  [
    'empty-channel-axis',
    [1, 0, 6],
    [2, 3, 3],
    {},
    'Conv1d(2→3, 3): input has an empty axis besides the batch (input shape [1,0,6])',
  ],
  [
    'empty-line',
    [1, 2, 0],
    [2, 3, 3],
    {},
    'Conv1d(2→3, 3): input has an empty axis besides the batch (input shape [1,2,0])',
  ],
]

const integers: ErrorCase = {
  name: 'integers',
  args: [2, 3, 3],
  inputs: { x: { shape: line, fill: 'classes', classes: 5, dtype: 'int64' } },
  message: 'Conv1d(2→3, 3): input is int64, expected float32',
}

/** The cases of {@link Conv1d}. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: 'Conv1d',
  torch: 'nn.Conv1d',
  derivation,
  onKernels: 59,
  mutants,
  create: (args, options) => new Conv1d(...(args as [number, number, number]), options),
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
    ...manyLines.map(of),
    ...special,
  ],
  errors: [...errors.map(refuse), integers],
}
