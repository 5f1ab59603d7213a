import fc from 'fast-check'
import type { Fill, LossCase, NetworkCase, TargetKind } from './case.proof.ts'
import { fitAll, MULTIPLICATIONS } from './fit.proof.ts'
import { type LayerWish, layerWishes } from './wishes.proof.ts'

const fills = (...odd: Fill[]): fc.Arbitrary<Fill> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant<Fill>('normal') }, fc.constantFrom<Fill[]>(...odd))

const extent = fc.integer({ min: 1, max: 33 })
const image = fc.tuple(
  fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(1, 4, 8, 12)),
  fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 4, max: 16 }) }, extent),
  fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 4, max: 16 }) }, extent),
)
const sample: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 8, arbitrary: image },
  fc.tuple(fc.integer({ min: 1, max: 200 })),
)

/** The options of a loss with its targets, before the number of classes is known. */
const lossWish = fc.oneof(
  { weight: 5, arbitrary: fc.record({ reduction: fc.constantFrom('mean' as const, 'sum' as const) }) },
  fc.record(
    {
      target: fc.constantFrom<TargetKind[]>('int32', 'int64', 'uint8', 'probabilities'),
      weighted: fc.boolean(),
      ignoreIndex: fc.constantFrom(-100, 0, 1),
      ignored: fc.constantFrom(0, 0.3, 1),
      labelSmoothing: fc.constantFrom(0, 0.1, 1),
      reduction: fc.constantFrom('mean' as const, 'sum' as const, 'none' as const),
    },
    { requiredKeys: [] },
  ),
)

interface Raw {
  sample: readonly number[]
  batches: readonly number[]
  layers: readonly LayerWish[]
  /** The last linear layer's classes; null for logits as the layers give them. */
  classes: number | null
  loss: Partial<
    Omit<LossCase['options'], 'weight'> & { target: TargetKind; weighted: boolean; ignored: number }
  >
  seed: number
  input: Fill
  weights: Fill
  threads: number
}

const raw: fc.Arbitrary<Raw> = fc.record({
  sample,
  batches: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }),
  layers: layerWishes,
  classes: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }) }, fc.constant(null)),
  loss: lossWish,
  seed: fc.nat(1_000_000),
  input: fills(
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
  weights: fills('whole', 'zero', 'flat', 'background', 'wide'),
  threads: fc.constantFrom(2, 3, 8),
})

function lossOf(
  { target = 'int32', ignored = 0, weighted = false, ...options }: Raw['loss'],
  C: number,
): LossCase {
  const classes = target !== 'probabilities'
  const { ignoreIndex = -100 } = options
  // uint8 has no −100, and what is not a class cannot be ignored where the target is probabilities.
  const share = !classes || (target === 'uint8' && ignoreIndex < 0) ? 0 : ignored
  const { ignoreIndex: _, ...rest } = options
  const weight = weighted ? { weight: Array.from({ length: C }, (_, c) => ((c * 5) % 7) / 4) } : {}
  return { target, ignored: share, options: { ...(classes ? options : rest), ...weight } }
}

/** What was drawn as a network: each layer has the channels that come in, and what does not fit is left out. */
function networkFrom({ sample: own, batches, layers, classes, loss, ...rest }: Raw): NetworkCase {
  const head: LayerWish[] =
    classes === null
      ? []
      : [
          { kind: 'flatten', options: {} },
          { kind: 'linear', out: classes, bias: true },
        ]
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
export const networks: fc.Arbitrary<NetworkCase> = raw.map(networkFrom)

/** The network of a number: always the same. */
export function networkOf(seed: number): NetworkCase {
  return fc.sample(networks, { seed, numRuns: 1 })[0]
}
