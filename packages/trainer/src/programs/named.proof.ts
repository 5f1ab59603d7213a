import type { LayerCase, LossCase, NetworkCase } from './case.proof.ts'

/** A network that has a name: the smallest in which one condition of a fast path fails alone, or that once came out wrong. */
export interface NamedCase {
  readonly name: string
  readonly network: NetworkCase
}

type Options = LayerCase['options']
const layer = (module: string, args: LayerCase['args'] = [], options: Options = {}): LayerCase => ({
  module,
  args,
  options,
})
type Size = number | readonly number[]
const conv = (C: number, out: number, kernel: Size, options?: Options): LayerCase =>
  layer('Conv2d', [C, out, kernel], options)
const conv1 = (C: number, out: number, kernel: number, options?: Options): LayerCase =>
  layer('Conv1d', [C, out, kernel], options)
const pool = (kernel: Size = 2, options?: Options): LayerCase => layer('MaxPool2d', [kernel], options)
const linear = (features: number, out: number, options?: Options): LayerCase =>
  layer('Linear', [features, out], options)
const relu: LayerCase = layer('ReLU')
const flatten: LayerCase = layer('Flatten')
const dropout = (p: number): LayerCase => layer('Dropout', [p])
const nested = (...layers: LayerCase[]): LayerCase => layer('Sequential', layers)

/** What a case says beside its layers and images; the rest is as usual. */
type Rest = Partial<Omit<NetworkCase, 'layers' | 'sample' | 'loss'>> & { loss?: Partial<LossCase> }

function named(
  name: string,
  sample: readonly number[],
  layers: readonly LayerCase[],
  rest: Rest = {},
): NamedCase {
  const { loss, ...own } = rest
  const network: NetworkCase = {
    batches: [3, 2],
    seed: 6,
    input: 'normal',
    weights: 'normal',
    threads: 2,
    ...own,
    layers,
    sample,
    loss: { target: 'int32', ignored: 0, options: {}, ...loss },
  }
  return { name, network }
}

/** A convolution whose ReLU and pooling may be one kernel with it, and a head. */
const folded = (
  convolution: LayerCase,
  features: number,
  behind: readonly LayerCase[] = [relu, pool()],
): LayerCase[] => [convolution, ...behind, flatten, linear(features, 3)]

const past: NamedCase[] = [
  named('Winograd, odd height, two images', [4, 3, 2], folded(conv(4, 2, 3, { padding: 1 }), 2), {
    batches: [2],
  }),
  named('Winograd, 7 × 6', [4, 7, 6], folded(conv(4, 8, 3, { padding: 1 }), 72), { batches: [16] }),
  named('Winograd, 13 × 13', [8, 13, 13], folded(conv(8, 8, 3, { padding: 1 }), 288), { batches: [64] }),
  named('six vectors are no neighbours: 5 × 5 on 16 × 16', [1, 16, 16], folded(conv(1, 8, 5), 288)),
  named('5 × 5 on 12 × 12, padding 2', [1, 12, 12], folded(conv(1, 8, 5, { padding: 2 }), 288)),
  named('5 × 3 on 6 × 5', [1, 6, 5], folded(conv(1, 2, [5, 3]), 2)),
  named('2 × 5 on 16 wide', [1, 5, 16], folded(conv(1, 3, [2, 5]), 36)),
  named('two channels, 5 × 3 on 8 wide', [2, 7, 8], folded(conv(2, 3, [5, 3]), 9)),
  named('four channels, 2 × 2 on 4 wide', [4, 5, 4], folded(conv(4, 3, 2), 6)),
]

/** A convolution is direct: each condition fails alone. */
const notDirect: NamedCase[] = [
  named('groups', [2, 6, 7], folded(conv(2, 4, 3, { groups: 2 }), 16)),
  named('step down', [2, 9, 7], folded(conv(2, 4, 3, { stride: [2, 1] }), 16)),
  named('step across', [2, 7, 9], folded(conv(2, 4, 3, { stride: [1, 2] }), 16)),
  named('dilation down', [2, 8, 7], folded(conv(2, 4, 3, { dilation: [2, 1] }), 16)),
  named('dilation across', [2, 7, 8], folded(conv(2, 4, 3, { dilation: [1, 2] }), 16)),
  named('padding of a whole kernel above', [2, 3, 7], folded(conv(2, 4, [2, 3], { padding: [2, 0] }), 24)),
  named('padding of a whole kernel beside', [2, 7, 3], folded(conv(2, 4, [3, 2], { padding: [0, 2] }), 24)),
  named('padding of a kernel but one cell', [2, 4, 5], folded(conv(2, 4, 3, { padding: 2 }), 36)),
].map(({ name, network }) => ({ name: `not direct: ${name}`, network }))

const halves: [what: string, options: Options, kernel: Size, features: number][] = [
  ['kernel across', { stride: 2 }, [2, 3], 24],
  ['kernel down', { stride: 2 }, [3, 2], 24],
  ['step down', { stride: [1, 2] }, 2, 60],
  ['step across', { stride: [2, 1] }, 2, 60],
  ['padding above', { stride: 2, padding: [1, 0] }, 2, 48],
  ['padding beside', { stride: 2, padding: [0, 1] }, 2, 48],
  ['dilation down', { stride: 2, dilation: [2, 1] }, 2, 24],
  ['dilation across', { stride: 2, dilation: [1, 2] }, 2, 24],
]

/** A pooling halves its image: each condition fails alone. The convolution gives [4,6,6]. */
const notHalved: NamedCase[] = halves.map(([what, options, kernel, features]) =>
  named(
    `not halved: ${what}`,
    [2, 6, 6],
    folded(conv(2, 4, 3, { padding: 1 }), features, [relu, pool(kernel, options)]),
  ),
)

const folds: NamedCase[] = [
  named(
    'not halved: ceilMode on odd extents',
    [2, 5, 7],
    folded(conv(2, 4, 3, { padding: 1 }), 48, [relu, pool(2, { ceilMode: true })]),
  ),
  named('a pooling before its ReLU', [2, 5, 7], folded(conv(2, 4, 3, { padding: 1 }), 24, [pool(), relu])),
  named('a pooling without a ReLU', [2, 5, 7], folded(conv(2, 4, 3, { padding: 1 }), 24, [pool()])),
  named('a ReLU without a pooling', [2, 3, 4], folded(conv(2, 4, 3, { padding: 1 }), 48, [relu])),
  named('two poolings', [2, 8, 9], folded(conv(2, 4, 3, { padding: 1 }), 16, [pool(), pool()])),
  named(
    'two ReLUs around a pooling',
    [2, 4, 5],
    folded(conv(2, 4, 3, { padding: 1 }), 16, [relu, pool(), relu]),
  ),
  named(
    'a dropout between ReLU and pooling',
    [2, 4, 5],
    folded(conv(2, 4, 3, { padding: 1 }), 16, [relu, dropout(0.4), pool()]),
  ),
  named('a pooling that has nobody before it', [3, 5, 7], [pool(), relu, flatten, linear(18, 3)]),
  named(
    'what is folded lies in a Sequential of its own',
    [2, 5, 7],
    [nested(conv(2, 4, 3, { padding: 1 })), nested(relu, nested(pool())), nested(), flatten, linear(24, 3)],
  ),
  named('images of one pooled cell', [2, 3, 3], folded(conv(2, 9, 2), 9)),
  named('Winograd needs four channels: 3', [3, 6, 7], folded(conv(3, 4, 3, { padding: 1 }), 36)),
  named('Winograd needs four channels: 6', [6, 6, 7], folded(conv(6, 4, 3, { padding: 1 }), 36)),
  named('Winograd needs three rows', [4, 6, 7], folded(conv(4, 4, [2, 3], { padding: 1 }), 36)),
  named('Winograd needs three columns', [4, 6, 7], folded(conv(4, 4, [3, 2], { padding: 1 }), 48)),
  named(
    'Winograd, more tiles than go at a time, channels in two blocks',
    [4, 9, 11],
    folded(conv(4, 9, 3, { padding: 1 }), 180),
    { batches: [9] },
  ),
  named('Winograd without padding, odd width', [8, 6, 7], folded(conv(8, 5, 3), 20), { batches: [5] }),
  named('twelve bytes in one run: three channels, one column', [3, 5, 4], folded(conv(3, 4, [2, 1]), 16)),
  named('twelve bytes in one run: one channel, three columns', [1, 5, 6], folded(conv(1, 4, [2, 3]), 16)),
  named(
    'twelve bytes a cell, cells that are padded',
    [2, 6, 7],
    [conv(2, 3, 1), relu, ...folded(conv(3, 4, 2), 24)],
  ),
  named('a NaN in any cell of a window', [3, 6, 7], folded(conv(3, 4, 1), 36), {
    input: 'not a number',
    batches: [3, 2, 4],
  }),
  named('one run, not of twelve bytes', [1, 5, 6], folded(conv(1, 4, [2, 2]), 16)),
]

const layouts: NamedCase[] = [
  named(
    'same padding, an even kernel: one cell more behind',
    [2, 5, 6],
    folded(conv(2, 3, [2, 4], { padding: 'same' }), 18),
  ),
  named(
    'three channels into a pooling of four lanes',
    [3, 6, 5],
    [pool(3, { stride: 1 }), flatten, linear(36, 2)],
  ),
  named('a bordered image is flattened', [2, 4, 5], [conv(2, 4, 3, { padding: 1 }), flatten, linear(80, 3)]),
  named(
    'a gradient with a border goes to a convolution',
    [1, 9, 8],
    [conv(1, 8, 3, { padding: 1 }), ...folded(conv(8, 5, 3, { padding: 1 }), 80)],
  ),
  named(
    'a gradient with a border goes to a ReLU and a dropout',
    [1, 9, 8],
    [conv(1, 8, 3, { padding: 1 }), relu, dropout(0.3), ...folded(conv(8, 5, 3, { padding: 1 }), 80)],
  ),
  named(
    'a direct convolution without a pooling hands on to columns',
    [2, 6, 7],
    [conv(2, 5, 3, { padding: 2 }), conv(5, 6, 3, { stride: 2, groups: 1 }), flatten, linear(72, 4)],
  ),
  named(
    'depthwise, two outputs a channel',
    [3, 5, 6],
    [conv(3, 6, 3, { groups: 3, padding: 1 }), flatten, linear(180, 2)],
  ),
  named('no layer has a parameter', [6], [relu]),
  named('a network of nothing', [5], [], { loss: { options: { reduction: 'sum' } } }),
  named('logits of an image of one cell are not flattened', [2, 3, 3], [conv(2, 6, 3)]),
  named('logits of an image', [2, 4, 3], [conv(2, 3, 2), relu], {
    loss: { options: { labelSmoothing: 0.2 } },
  }),
  named('a linear layer on rows of an image', [2, 3, 5], [linear(5, 4), relu, flatten, linear(24, 3)]),
  named('flattened in two steps', [2, 3, 5], [layer('Flatten', [], { startDim: 2 }), flatten, linear(30, 3)]),
  named('Flatten to axis 3', [2, 3, 5], [layer('Flatten', [], { endDim: 3 }), linear(30, 3)]),
  named('one class', [2, 3, 3], [flatten, linear(18, 1)]),
  named('sixteen outputs and a rest', [2, 3, 3], [flatten, linear(18, 19), relu, linear(19, 4)]),
]

const lines: NamedCase[] = [
  named('lines: groups', [4, 9], [conv1(4, 6, 3, { groups: 2 }), relu, flatten, linear(42, 3)]),
  named('lines: a step', [2, 11], [conv1(2, 5, 3, { stride: 2 }), flatten, linear(25, 3)]),
  named('lines: dilation', [2, 11], [conv1(2, 5, 3, { dilation: 3 }), flatten, linear(25, 3)]),
  named('lines: padding of a whole kernel', [2, 5], [conv1(2, 4, 3, { padding: 3 }), flatten, linear(36, 3)]),
  named(
    'lines: padding of a kernel but one cell',
    [2, 5],
    [conv1(2, 4, 3, { padding: 2 }), flatten, linear(28, 3)],
  ),
  named(
    'lines: the one cell of zeros is behind them',
    [4, 8],
    [conv1(4, 3, 2, { padding: 'same' }), flatten, linear(24, 3)],
  ),
  named(
    'lines: a border for the next one',
    [3, 7],
    [
      conv1(3, 8, 3, { padding: 1 }),
      conv1(8, 5, 5, { padding: 4 }),
      dropout(0.4),
      relu,
      flatten,
      linear(55, 4),
    ],
  ),
  named('lines: of one cell', [5, 1], [conv1(5, 9, 1), relu, conv1(9, 3, 3, { padding: 1 }), flatten]),
  named(
    'lines: what is read alike before and behind them',
    [3, 8],
    [relu, dropout(0.3), nested(conv1(3, 4, 4), nested(relu)), relu, flatten, linear(20, 2)],
  ),
  named(
    'lines: a linear layer along each',
    [3, 8],
    [conv1(3, 4, 3), linear(6, 5), conv1(4, 2, 2), flatten, linear(8, 3)],
  ),
  named('lines: pooled as one image', [3, 7], [conv1(3, 4, 2), pool(), flatten, linear(6, 3)], {
    batches: [4, 2],
    // Which a step does not take: of no line there would be no image.
    loss: { target: 'int64' },
  }),
  named('lines: logits of lines of one cell are not flattened', [2, 3], [conv1(2, 6, 3)]),
  named('lines: logits of each cell', [2, 7], [conv1(2, 3, 2), relu], {
    loss: { options: { labelSmoothing: 0.2 } },
  }),
  named('lines: a batch of 17', [2, 9], [conv1(2, 5, 3, { padding: 1 }), relu, flatten, linear(45, 3)], {
    batches: [17, 0, 40],
    threads: 3,
  }),
  named('lines: one without its batch axis', [9], [relu, conv1(3, 5, 4), relu, linear(6, 2)], {
    batches: [3],
  }),
]

const paddingAlone: NamedCase[] = [true, false].map((down) =>
  named(`pooling of padding alone, ${down ? 'down' : 'across'}`, down ? [2, 3, 4] : [2, 4, 3], [
    conv(2, 3, 1),
    pool(2, { stride: 1, padding: down ? [1, 0] : [0, 1], dilation: down ? [4, 1] : [1, 4] }),
    relu,
    flatten,
    linear(9, 3),
  ]),
)

const batches: NamedCase[] = [
  ...[1, 7, 8, 9, 15, 16, 17, 33, 40].map((N) =>
    named(`a batch of ${N}`, [1, 5, 6], folded(conv(1, 4, 3), 8), { batches: [N, 3], threads: 3 }),
  ),
  // 131,072 bytes of gradients are the most that every shard of eight gets a slot for.
  ...[15, 16, 17, 40].map((N) =>
    named(`large gradients, a batch of ${N}`, [128], [linear(128, 258), relu, linear(258, 3)], {
      batches: [N],
      threads: 3,
    }),
  ),
  named('a batch of nothing', [1, 5, 6], folded(conv(1, 4, 3), 8), { batches: [0, 2] }),
  named('the same shape again after another one', [1, 5, 6], folded(conv(1, 4, 3), 8), {
    batches: [5, 4, 5],
  }),
]

const losses: NamedCase[] = (
  [
    ['sum', { options: { reduction: 'sum' } }],
    ['none', { options: { reduction: 'none' } }],
    ['weights', { options: { weight: [0.5, 1, 2] } }],
    ['smoothing', { options: { labelSmoothing: 0.1 } }],
    ['some ignored', { ignored: 0.4, options: {} }],
    ['a class ignored', { ignored: 0.4, options: { ignoreIndex: 1 } }],
    ['an ignored class that no int32 can be', { options: { ignoreIndex: 2 ** 32 } }],
    ['all ignored', { ignored: 1, options: {} }],
    ['bytes', { target: 'uint8', options: {} }],
    ['long integers', { target: 'int64', options: {} }],
    ['probabilities', { target: 'probabilities', options: {} }],
  ] as const
).map(([name, loss]) => named(`loss: ${name}`, [6], [linear(6, 3)], { loss }))

const values: NamedCase[] = (
  ['whole', 'zero', 'flat', 'background', 'signed zeros', 'wide', 'not a number', 'infinite'] as const
).flatMap((input) => [
  named(`pooled, values: ${input}`, [4, 7, 6], folded(conv(4, 8, 3, { padding: 1, bias: false }), 72), {
    input,
  }),
  named(
    `pooling and ReLU, values: ${input}`,
    [3, 7, 6],
    [pool(3, { stride: 2, padding: 1 }), relu, flatten, linear(36, 3)],
    { input },
  ),
])

const dropouts: NamedCase[] = [0, 0.5, 1].map((p) =>
  named(
    `dropout ${p} on an image and on features`,
    [2, 4, 6],
    [dropout(p), conv(2, 5, 3, { padding: 1 }), dropout(p), pool(), flatten, dropout(p), linear(30, 3)],
  ),
)

/** All of them. */
export const namedCases: readonly NamedCase[] = [
  past,
  notDirect,
  notHalved,
  folds,
  layouts,
  lines,
  paddingAlone,
  batches,
  losses,
  values,
  dropouts,
].flat()
