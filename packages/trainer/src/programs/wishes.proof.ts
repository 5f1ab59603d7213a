import {
  type Arbitrary,
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
  tuple,
} from 'fast-check'

/**
 * Layers as they are drawn, before anyone knows what comes in: `fit.proof.ts` gives them channels and leaves out what does
 * not fit. So any part of a network may be left away when a failing one is made smaller.
 */
export type LayerWish =
  | {
      readonly kind: 'convolution'
      readonly out: number
      /** All that is left of the image unless given. */
      readonly kernel?: readonly number[]
      readonly stride: readonly number[]
      readonly padding: readonly number[] | 'same' | 'valid'
      readonly dilation: readonly number[]
      /** Of the divisors of the channels, which one, from one group to depthwise. */
      readonly groups: number
      readonly bias: boolean
    }
  | {
      readonly kind: 'line'
      readonly out: number
      /** All that is left of the line unless given. */
      readonly kernel?: number
      readonly stride: number
      readonly padding: number | 'same' | 'valid'
      readonly dilation: number
      /** As of a convolution of images. */
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
  | { readonly kind: 'own' }
  | { readonly kind: 'sequential'; readonly layers: readonly LayerWish[] }

type Wishes = Arbitrary<readonly LayerWish[]>

const pair = (from: number, to: number): Arbitrary<number[]> => {
  const extent = integer({ min: from, max: to })
  return oneof(
    extent.map((both) => [both, both]),
    tuple(extent, extent),
  )
}
const one = constant([1, 1])
const channels = oneof({ weight: 2, arbitrary: integer({ min: 1, max: 17 }) }, constantFrom(4, 8, 12, 16))
const kind = <K extends string>(name: K): Arbitrary<K> => constant(name)

const usual = record({
  kind: kind('convolution'),
  out: channels,
  kernel: oneof(
    { weight: 3, arbitrary: constant([3, 3]) },
    { weight: 3, arbitrary: pair(1, 5) },
    constant([1, 3]),
  ),
  stride: one,
  padding: oneof(pair(0, 2), constantFrom('same' as const, 'valid' as const)),
  dilation: one,
  groups: constant(0),
  bias: boolean(),
})

const anyConvolution = record({
  kind: kind('convolution'),
  out: channels,
  kernel: pair(1, 7),
  stride: oneof(one, pair(1, 3)),
  padding: oneof(pair(0, 4), constantFrom('same' as const, 'valid' as const)),
  dilation: oneof(one, pair(1, 3)),
  groups: oneof(constant(0), integer({ min: 0, max: 9 })),
  bias: boolean(),
})

const halve: Arbitrary<LayerWish> = constant({
  kind: 'pooling',
  kernel: [2, 2],
  stride: null,
  padding: [0, 0],
  dilation: [1, 1],
  ceilMode: false,
})

const almostHalve: Arbitrary<LayerWish> = constantFrom(
  { kernel: [2, 3] },
  { kernel: [3, 2] },
  { stride: [1, 2] },
  { stride: [2, 1] },
  { padding: [1, 0] },
  { padding: [0, 1] },
  { dilation: [2, 1] },
  { dilation: [1, 2] },
  { ceilMode: true },
).map((odd) => ({
  kind: 'pooling',
  kernel: [2, 2],
  stride: [2, 2],
  padding: [0, 0],
  dilation: [1, 1],
  ceilMode: false,
  ...odd,
}))

const anyPooling = record({
  kind: kind('pooling'),
  kernel: pair(1, 4),
  stride: oneof(constant(null), pair(1, 4)),
  padding: pair(0, 2),
  dilation: oneof(one, pair(1, 3)),
  ceilMode: boolean(),
})

const own: Arbitrary<LayerWish> = constant({ kind: 'own' })
const rectifier: Arbitrary<LayerWish> = constant({ kind: 'rectifier' })
const convolution: Arbitrary<LayerWish> = oneof({ weight: 3, arbitrary: usual }, anyConvolution)
const pooling: Arbitrary<LayerWish> = oneof({ weight: 3, arbitrary: halve }, almostHalve, anyPooling)

const dropout: Arbitrary<LayerWish> = record({
  kind: kind('dropout'),
  p: constantFrom(0, 0.1, 0.5, 1),
})

const flatten: Arbitrary<LayerWish> = record({
  kind: kind('flatten'),
  options: constantFrom<Record<string, number>[]>(
    {},
    {},
    {},
    { endDim: 3 },
    { endDim: 1 },
    { startDim: 2 },
    { startDim: -3 },
    { startDim: 1, endDim: 2 },
    { startDim: 0, endDim: 0 },
  ),
})

const linear: Arbitrary<LayerWish> = record({
  kind: kind('linear'),
  out: oneof(integer({ min: 1, max: 20 }), integer({ min: 1, max: 70 })),
  bias: boolean(),
})

/** Layers that go together often, so that one kernel may take several. */
const block: Wishes = oneof(
  { weight: 4, arbitrary: tuple(convolution, rectifier, pooling) },
  { weight: 2, arbitrary: tuple(convolution, pooling, rectifier) },
  { weight: 2, arbitrary: tuple(convolution, pooling) },
  { weight: 2, arbitrary: tuple(convolution, rectifier) },
  { weight: 2, arbitrary: tuple(convolution) },
  { weight: 2, arbitrary: tuple(pooling) },
  tuple(rectifier),
  tuple(dropout),
  tuple(oneof(own, flatten, linear)),
)

const flat: Wishes = tuple(linear, oneof(rectifier, dropout)).map((layers) => layers)

const listOf = (blocks: Arbitrary<readonly LayerWish[]>, maxLength: number): Wishes =>
  array(blocks, { maxLength }).map((lists) => lists.flat())

const nested: Wishes = listOf(block, 2).map((layers): LayerWish[] => [{ kind: 'sequential', layers }])

/** The layers before the head: on images, then on features. */
export const layerWishes: Wishes = tuple(
  listOf(oneof({ weight: 9, arbitrary: block }, nested), 4),
  boolean(),
  listOf(flat, 2),
).map(([front, flattened, back]): LayerWish[] => [
  ...front,
  ...(flattened ? [{ kind: 'flatten', options: {} } as const, ...back] : []),
])

const usualLine = record({
  kind: kind('line'),
  out: channels,
  kernel: oneof(constant(3), integer({ min: 1, max: 9 })),
  stride: constant(1),
  padding: oneof(integer({ min: 0, max: 3 }), constantFrom('same' as const, 'valid' as const)),
  dilation: constant(1),
  groups: constant(0),
  bias: boolean(),
})

const anyLine = record({
  kind: kind('line'),
  out: channels,
  kernel: integer({ min: 1, max: 7 }),
  stride: integer({ min: 1, max: 3 }),
  padding: oneof(integer({ min: 0, max: 9 }), constantFrom('same' as const, 'valid' as const)),
  dilation: integer({ min: 1, max: 3 }),
  groups: oneof(constant(0), integer({ min: 0, max: 9 })),
  bias: boolean(),
})

const lineConvolution: Arbitrary<LayerWish> = oneof({ weight: 2, arbitrary: usualLine }, anyLine)

const lineFlatten: Arbitrary<LayerWish> = record({
  kind: kind('flatten'),
  options: constantFrom<Record<string, number>[]>({}, { endDim: 2 }, { startDim: 0, endDim: 1 }),
})

const lineBlock: Wishes = oneof(
  { weight: 4, arbitrary: tuple(lineConvolution, rectifier) },
  { weight: 3, arbitrary: tuple(lineConvolution) },
  { weight: 2, arbitrary: tuple(lineConvolution, rectifier, dropout) },
  tuple(rectifier),
  tuple(dropout),
  tuple(oneof(own, lineFlatten, linear)),
)

const nestedLines: Wishes = listOf(lineBlock, 2).map((layers): LayerWish[] => [
  { kind: 'sequential', layers },
])

/** The layers before the head of a network of lines: on lines, then on features. */
export const lineWishes: Wishes = tuple(
  listOf(oneof({ weight: 9, arbitrary: lineBlock }, nestedLines), 4),
  boolean(),
  listOf(flat, 2),
).map(([front, flattened, back]): LayerWish[] => [
  ...front,
  ...(flattened ? [{ kind: 'flatten', options: {} } as const, ...back] : []),
])
