import {
  type Arbitrary,
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  sample,
  tuple,
} from 'fast-check'
import type { Fill, LossCase, NetworkCase, TargetKind } from './case.proof.ts'
import { fitAll, MULTIPLICATIONS } from './fit.proof.ts'
import { type LayerWish, layerWishes, lineWishes } from './wishes.proof.ts'

const fills = (normal: number, odd: number, ...fillings: Fill[]): Arbitrary<Fill> =>
  oneof(
    { weight: normal, arbitrary: constant<Fill>('normal') },
    { weight: odd, arbitrary: constantFrom<Fill[]>(...fillings) },
  )

const extent = integer({ min: 1, max: 33 })
const image = tuple(
  oneof(integer({ min: 1, max: 9 }), constantFrom(1, 1, 2, 4, 8, 12)),
  oneof({ weight: 2, arbitrary: integer({ min: 4, max: 16 }) }, extent),
  oneof({ weight: 2, arbitrary: integer({ min: 4, max: 16 }) }, extent),
)
const sampleShape: Arbitrary<readonly number[]> = oneof(
  { weight: 8, arbitrary: image },
  tuple(integer({ min: 1, max: 200 })),
)

/** The options of a loss with its targets, before the number of classes is known. */
const lossWish = oneof(
  {
    weight: 5,
    arbitrary: record({
      reduction: constantFrom('mean' as const, 'sum' as const),
      ignored: constantFrom(0, 0, 0, 0.3, 1),
    }),
  },
  { arbitrary: constant({ reduction: 'none' as const }), weight: 1 },
  {
    arbitrary: record(
      {
        target: constantFrom<TargetKind[]>('int32', 'int64', 'uint8', 'probabilities'),
        weighted: boolean(),
        ignoreIndex: constantFrom(-100, 0, 1),
        ignored: constantFrom(0, 0.3, 1),
        labelSmoothing: constantFrom(0, 0.1, 1),
        reduction: constantFrom('mean' as const, 'sum' as const, 'none' as const),
      },
      { requiredKeys: [] },
    ),
    weight: 2,
  },
)

interface Raw {
  sample: readonly number[]
  batches: readonly number[]
  /** Whether an image comes alone, as [C,H,W]. */
  alone: boolean
  layers: readonly LayerWish[]
  /** The last layer's classes; null for logits as the layers give them. */
  classes: number | null
  /** Whether the last layer is a convolution over all that is left of the image, where there is one. */
  convolved: boolean
  loss: Partial<
    Omit<LossCase['options'], 'weight'> & { target: TargetKind; weighted: boolean; ignored: number }
  >
  seed: number
  input: Fill
  weights: Fill
  threads: number
}

const rawOf = (
  samples: Arbitrary<readonly number[]>,
  wishes: Arbitrary<readonly LayerWish[]>,
): Arbitrary<Raw> =>
  record({
    sample: samples,
    batches: array(integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }),
    alone: oneof({ weight: 9, arbitrary: constant(false) }, constant(true)),
    layers: wishes,
    classes: oneof({ weight: 6, arbitrary: integer({ min: 1, max: 12 }) }, constant(null)),
    convolved: oneof({ weight: 9, arbitrary: constant(false) }, constant(true)),
    loss: lossWish,
    seed: nat(1_000_000),
    input: fills(
      2,
      3,
      'whole',
      'zero',
      'flat',
      'background',
      'background',
      'signed zeros',
      'wide',
      'not a number',
      'infinite',
    ),
    weights: fills(3, 2, 'signed zeros', 'whole', 'zero', 'flat', 'background', 'wide', 'not a number'),
    threads: constantFrom(2, 3, 8),
  })

function lossOf(
  { target = 'int32', ignored = 0, weighted = false, ...options }: Raw['loss'],
  C: number,
): LossCase {
  const classes = target !== 'probabilities'
  const { ignoreIndex = -100, ...others } = options
  // uint8 has no −100, and what is not a class cannot be ignored where the target is probabilities.
  const share = !classes || (target === 'uint8' && ignoreIndex < 0) ? 0 : ignored
  const weight = weighted ? { weight: Array.from({ length: C }, (_, c) => ((c * 5) % 7) / 4) } : {}
  return { target, ignored: share, options: { ...(classes ? options : others), ...weight } }
}

/** The layers that give the classes. */
function headOf(out: number, whole: LayerWish | null): LayerWish[] {
  const flat = { kind: 'flatten', options: {} } as const
  return whole === null ? [flat, { kind: 'linear', out, bias: true }] : [whole, flat]
}

const wholeImage = (out: number): LayerWish => {
  const [none, one] = [
    [0, 0],
    [1, 1],
  ]
  return { kind: 'convolution', out, stride: one, padding: none, dilation: one, groups: 0, bias: true }
}

const wholeLine = (out: number): LayerWish => ({
  kind: 'line',
  out,
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 0,
  bias: true,
})

/**
 * What was drawn as a network: each layer has the channels that come in, and what does not fit is left out. `rank` is that of
 * a batch of images, or of lines.
 */
function networkFrom(drawn: Raw, rank: number, wholeOf: (out: number) => LayerWish): NetworkCase {
  const { sample: own, batches, alone, layers, classes, convolved, loss, ...rest } = drawn
  const head = classes === null ? [] : headOf(classes, convolved ? wholeOf(classes) : null)
  if (alone && own.length === rank - 1) {
    const { layers: fitting, shape } = fitAll([...layers, ...head], own, MULTIPLICATIONS, rank - 1)
    return { layers: fitting, sample: own.slice(1), batches: [own[0]], loss: lossOf(loss, shape[1]), ...rest }
  }
  // A small network gets its large batch, a large one a smaller batch: what it costs is bounded.
  const most = Math.max(...batches)
  const single = fitAll([...layers, ...head], [1, ...own], MULTIPLICATIONS, rank)
  const fits = Math.max(1, Math.min(most, Math.floor(MULTIPLICATIONS / Math.max(1, single.cost))))
  const sizes = batches.map((N) => Math.max(1, Math.floor((N * fits) / most)))
  return {
    layers: single.layers,
    sample: own,
    batches: sizes,
    loss: lossOf(loss, single.shape[1]),
    ...rest,
  }
}

/** Networks of every layer of images, option and order, with their losses and batches. */
const ofImages = rawOf(sampleShape, layerWishes).map((drawn) => networkFrom(drawn, 4, wholeImage))

const line = tuple(
  oneof(integer({ min: 1, max: 9 }), constantFrom(1, 1, 2, 4, 8, 12)),
  oneof({ weight: 2, arbitrary: integer({ min: 4, max: 32 }) }, integer({ min: 1, max: 99 })),
)

/** The same of lines. */
const ofLines = rawOf(line, lineWishes).map((drawn) => networkFrom(drawn, 3, wholeLine))

/** Every eighth network from here on is one of lines; those before are what they were when there was none. */
export const FIRST_LINES = 1_000_000

/** What the network of a number is drawn from. */
export function networksOf(seed: number): Arbitrary<NetworkCase> {
  return seed >= FIRST_LINES && seed % 8 === 0 ? ofLines : ofImages
}

/** The network of a number: always the same. */
export function networkOf(seed: number): NetworkCase {
  return sample(networksOf(seed), { seed, numRuns: 1 })[0]
}
