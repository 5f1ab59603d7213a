import fc from 'fast-check'

/**
 * Layers as they are drawn, before anyone knows what comes in: `fit.proof.ts` gives them channels and leaves out what does
 * not fit. So any part of a network may be left away when a failing one is made smaller.
 */
export type LayerWish =
  | {
      readonly kind: 'convolution'
      readonly out: number
      readonly kernel: readonly number[]
      readonly stride: readonly number[]
      readonly padding: readonly number[] | 'same' | 'valid'
      readonly dilation: readonly number[]
      /** Of the divisors of the channels, which one, from one group to depthwise. */
      readonly groups: number
      readonly bias: boolean
    }
  | {
      readonly kind: 'pooling'
      readonly kernel: readonly number[]
      readonly stride: readonly number[] | null
      readonly padding: readonly number[]
      readonly dilation: readonly number[]
      readonly ceilMode: boolean
    }
  | { readonly kind: 'linear'; readonly out: number; readonly bias: boolean }
  | { readonly kind: 'dropout'; readonly p: number }
  | { readonly kind: 'flatten'; readonly options: Readonly<Record<string, number>> }
  | { readonly kind: 'rectifier' }
  | { readonly kind: 'sequential'; readonly layers: readonly LayerWish[] }

type Wishes = fc.Arbitrary<readonly LayerWish[]>

const pair = (from: number, to: number): fc.Arbitrary<number[]> => {
  const extent = fc.integer({ min: from, max: to })
  return fc.oneof(
    extent.map((both) => [both, both]),
    fc.tuple(extent, extent),
  )
}
const one = fc.constant([1, 1])
const channels = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 17 }) },
  fc.constantFrom(4, 8, 12, 16),
)
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name)

const usual = fc.record({
  kind: kind('convolution'),
  out: channels,
  kernel: fc.oneof({ weight: 2, arbitrary: fc.constant([3, 3]) }, pair(1, 5)),
  stride: one,
  padding: fc.oneof(pair(0, 2), fc.constantFrom('same' as const, 'valid' as const)),
  dilation: one,
  groups: fc.constant(0),
  bias: fc.boolean(),
})

const anyConvolution = fc.record({
  kind: kind('convolution'),
  out: channels,
  kernel: pair(1, 7),
  stride: fc.oneof(one, pair(1, 3)),
  padding: fc.oneof(pair(0, 4), fc.constantFrom('same' as const, 'valid' as const)),
  dilation: fc.oneof(one, pair(1, 3)),
  groups: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 })),
  bias: fc.boolean(),
})

const halve: fc.Arbitrary<LayerWish> = fc.constant({
  kind: 'pooling',
  kernel: [2, 2],
  stride: null,
  padding: [0, 0],
  dilation: [1, 1],
  ceilMode: false,
})

const almostHalve: fc.Arbitrary<LayerWish> = fc
  .constantFrom(
    { kernel: [2, 3] },
    { kernel: [3, 2] },
    { stride: [1, 2] },
    { stride: [2, 1] },
    { padding: [1, 0] },
    { padding: [0, 1] },
    { dilation: [2, 1] },
    { dilation: [1, 2] },
    { ceilMode: true },
  )
  .map((odd) => ({
    kind: 'pooling',
    kernel: [2, 2],
    stride: [2, 2],
    padding: [0, 0],
    dilation: [1, 1],
    ceilMode: false,
    ...odd,
  }))

const anyPooling = fc.record({
  kind: kind('pooling'),
  kernel: pair(1, 4),
  stride: fc.oneof(fc.constant(null), pair(1, 4)),
  padding: pair(0, 2),
  dilation: fc.oneof(one, pair(1, 3)),
  ceilMode: fc.boolean(),
})

const rectifier: fc.Arbitrary<LayerWish> = fc.constant({ kind: 'rectifier' })
const convolution: fc.Arbitrary<LayerWish> = fc.oneof({ weight: 3, arbitrary: usual }, anyConvolution)
const pooling: fc.Arbitrary<LayerWish> = fc.oneof({ weight: 2, arbitrary: halve }, almostHalve, anyPooling)

const dropout: fc.Arbitrary<LayerWish> = fc.record({
  kind: kind('dropout'),
  p: fc.constantFrom(0, 0.1, 0.5, 1),
})

const flatten: fc.Arbitrary<LayerWish> = fc.record({
  kind: kind('flatten'),
  options: fc.constantFrom<Record<string, number>[]>(
    {},
    {},
    {},
    { endDim: 3 },
    { startDim: 2 },
    { startDim: -3 },
    { startDim: 1, endDim: 2 },
    { startDim: 0, endDim: 0 },
  ),
})

const linear: fc.Arbitrary<LayerWish> = fc.record({
  kind: kind('linear'),
  out: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70 })),
  bias: fc.boolean(),
})

/** Layers that go together often, so that one kernel may take several. */
const block: Wishes = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(convolution, rectifier, pooling) },
  { weight: 2, arbitrary: fc.tuple(convolution, pooling, rectifier) },
  { weight: 2, arbitrary: fc.tuple(convolution, pooling) },
  fc.tuple(convolution, rectifier),
  fc.tuple(convolution),
  fc.tuple(pooling),
  fc.tuple(rectifier),
  fc.tuple(dropout),
  fc.tuple(flatten),
  fc.tuple(linear),
)

const flat: Wishes = fc.tuple(linear, fc.oneof(rectifier, dropout)).map((layers) => layers)

const listOf = (blocks: fc.Arbitrary<readonly LayerWish[]>, maxLength: number): Wishes =>
  fc.array(blocks, { maxLength }).map((lists) => lists.flat())

const nested: Wishes = listOf(block, 2).map((layers): LayerWish[] => [{ kind: 'sequential', layers }])

/** The layers before the head: on images, then on features. */
export const layerWishes: Wishes = fc
  .tuple(listOf(fc.oneof({ weight: 9, arbitrary: block }, nested), 4), fc.boolean(), listOf(flat, 2))
  .map(([front, flattened, back]): LayerWish[] => [
    ...front,
    ...(flattened ? [{ kind: 'flatten', options: {} } as const, ...back] : []),
  ])
