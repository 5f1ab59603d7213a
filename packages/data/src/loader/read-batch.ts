import { type DataOf, type DType, formatShape, sameShape } from '@handgrad/tensor'
import type { Dataset, Gather, Target } from '../datasets/dataset.ts'
import { checkDone, type RawSample, readSample } from './read-sample.ts'
import { kindOfTargets, numbersOf, type TargetKind, writeTargets } from './targets.ts'

/** The shape of a sample's x, and who says so. */
export interface SampleShape {
  readonly extents: readonly number[]
  readonly source: string
}

/** What a loader knows of its batches, from its options, its dataset and the batches before. */
export interface Known {
  readonly shape: SampleShape | null
  readonly targets: TargetKind | null
  readonly targetDtype: 'float32' | undefined
}

/** The samples `order[from]` … `order[to − 1]`. */
interface Range {
  readonly order: Int32Array
  readonly from: number
  readonly to: number
}

/** A batch that is read and checked, or will be gathered: what it is like, and how to have it. */
export interface BatchContent {
  readonly shape: SampleShape
  readonly targets: TargetKind
  write(x: Float32Array, y: DataOf<DType>): void
}

/**
 * Reads a batch: one `get` a sample, in their order, or `gather`.
 * @throws RangeError or TypeError, naming the sample, for one that does not go with the others; nothing is written then.
 */
export function readBatch(dataset: Dataset<Target>, range: Range, known: Known): BatchContent {
  if (dataset.gather !== undefined) return gathered(dataset, dataset.gather.bind(dataset), range, known)
  const { order, from, to } = range
  const samples = Array.from({ length: to - from }, (_, i) => readSample(dataset, order[from + i]))
  const shape = shapeOf(samples, known.shape)
  const targets = kindOfTargets(samples, known.targets, known.targetDtype)
  return {
    shape,
    targets,
    write(x, y) {
      writeX(samples, x)
      writeTargets(samples, targets, y)
    },
  }
}

/** Where no one has said the shape yet, the first sample comes by `get`, and is not gathered once more. */
function gathered(dataset: Dataset<Target>, gather: Gather, range: Range, known: Known): BatchContent {
  const { order, from, to } = range
  // mutant: logical `known.targetDtype ?? 'int32'` → `((known.targetDtype) || 'int32')` is equivalent because no dtype is an empty text
  const targets = numbersOf(known.targetDtype ?? 'int32')
  const first = known.shape === null ? [readSample(dataset, order[from])] : []
  const shape = shapeOf(first, known.shape)
  kindOfTargets(first, targets, known.targetDtype)
  return {
    shape,
    targets,
    write(x, y) {
      writeX(first, x)
      writeTargets(first, targets, y)
      const done = first.length
      const size = x.length / (to - from)
      const [restX, restY] = done === 0 ? [x, y] : [x.subarray(size), y.subarray(1)]
      if (from + done === to) return
      checkDone('gather', gather(order, from + done, to, restX, restY as Int32Array | Float32Array))
    },
  }
}

function shapeOf(samples: readonly RawSample[], known: SampleShape | null): SampleShape {
  const shape = known ?? { extents: samples[0].x.shape, source: `as sample ${samples[0].index}` }
  // mutant: swapped arguments is equivalent because both ways say whether two shapes are the same
  const odd = samples.find(({ x }) => !sameShape(x.shape, shape.extents))
  if (odd === undefined) return shape
  const expected = `${formatShape(shape.extents)}, ${shape.source}`
  throw new RangeError(
    `DataLoader: sample ${odd.index} has shape ${formatShape(odd.x.shape)}, expected ${expected}`,
  )
}

function writeX(samples: readonly RawSample[], x: Float32Array): void {
  samples.forEach((sample, i) => x.set(sample.x.data, i * sample.x.data.length))
}
