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
import { type LayerWish, layerWishes } from './wishes.proof.ts'

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

const raw: Arbitrary<Raw> = record({
  sample: sampleShape,
  batches: array(integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }),
  alone: oneof({ weight: 9, arbitrary: constant(false) }, constant(true)),
  layers: layerWishes,
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
function headOf(out: number, convolved: boolean): LayerWish[] {
  const one = [1, 1]
  const whole = { kind: 'convolution', out, stride: one, padding: [0, 0], dilation: one, groups: 0 } as const
  const flat = { kind: 'flatten', options: {} } as const
  return convolved ? [{ ...whole, bias: true }, flat] : [flat, { kind: 'linear', out, bias: true }]
}

/** What was drawn as a network: each layer has the channels that come in, and what does not fit is left out. */
function networkFrom(drawn: Raw): NetworkCase {
  const { sample: own, batches, alone, layers, classes, convolved, loss, ...rest } = drawn
  const head = classes === null ? [] : headOf(classes, convolved)
  if (alone && own.length === 3) {
    const { layers: fitting, shape } = fitAll([...layers, ...head], own, MULTIPLICATIONS, 3)
    return { layers: fitting, sample: own.slice(1), batches: [own[0]], loss: lossOf(loss, shape[1]), ...rest }
  }
  // A small network gets its large batch, a large one a smaller batch: what it costs is bounded.
  const most = Math.max(...batches)
  const single = fitAll([...layers, ...head], [1, ...own], MULTIPLICATIONS)
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

/** Networks of every layer, option and order, with their losses and batches. */
export const networks: Arbitrary<NetworkCase> = raw.map(networkFrom)

/** The network of a number: always the same. */
export function networkOf(seed: number): NetworkCase {
  return sample(networks, { seed, numRuns: 1 })[0]
}
