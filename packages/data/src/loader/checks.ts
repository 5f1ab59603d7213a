import { checkGenerator, type DataOf, type DType, describeValue, dtypeOf, numel } from '@handgrad/tensor'
import type { DataLoaderOptions } from './data-loader.ts'
import type { SampleShape } from './read-batch.ts'
import type { TargetKind } from './targets.ts'

/** @throws TypeError or RangeError for what a loader cannot work with. */
export function checkArguments(
  dataset: { readonly length: number; get: unknown; sampleShape?: readonly number[] | undefined },
  { batchSize, shuffle, generator, transform, targetDtype }: DataLoaderOptions<DType>,
): void {
  const { length } = dataset ?? {}
  if (!Number.isSafeInteger(length) || length < 0 || typeof dataset.get !== 'function') {
    throw new TypeError('DataLoader: the dataset has no length and get(index)')
  }
  const { sampleShape } = dataset
  if (sampleShape !== undefined && !Array.isArray(sampleShape)) {
    const came = describeValue(sampleShape)
    throw new TypeError(`DataLoader: the dataset's sampleShape is ${came}, expected a list of extents`)
  }
  if (batchSize !== undefined && (!Number.isSafeInteger(batchSize) || batchSize < 1)) {
    throw new RangeError(
      `DataLoader: batchSize is ${describeValue(batchSize)}, expected a whole number above 0`,
    )
  }
  if (shuffle && length === 0) throw new RangeError('DataLoader: an empty dataset cannot be shuffled')
  if (generator !== undefined) checkGenerator('DataLoader', generator)
  if (transform !== undefined && typeof transform !== 'function') {
    throw new TypeError(`DataLoader: transform is ${describeValue(transform)}, expected a function`)
  }
  if (targetDtype !== undefined && targetDtype !== 'float32') {
    throw new RangeError(
      `DataLoader: targetDtype is ${describeValue(targetDtype)}, expected 'float32', or nothing`,
    )
  }
}

/** @throws Error before the first `epoch.next()`, and after the last. */
export function checkBatch({ from, to }: { readonly from: number; readonly to: number }): void {
  if (from === to)
    throw new Error(
      'DataLoader: the epoch stands at no batch: epoch.next() moves on, and says if there is one',
    )
}

/** @throws RangeError or TypeError for buffers that are not exactly what the batch needs, as far as that is known. */
export function checkBuffers(
  { from, to }: { readonly from: number; readonly to: number },
  x: Float32Array,
  y: DataOf<DType>,
  shape: SampleShape,
  targets: TargetKind | null,
): void {
  const count = to - from
  const sizeX = count * numel(shape.extents)
  const sizeY = count * numel(targets?.shape ?? [])
  if (x.length !== sizeX || (targets !== null && y.length !== sizeY)) {
    const came = `buffers of ${x.length} and ${y.length} elements`
    throw new RangeError(`DataLoader.fill: ${came}, a batch of ${count} needs ${sizeX} and ${sizeY}`)
  }
  if (targets !== null && dtypeOf(y) !== targets.dtype) {
    throw new TypeError(`DataLoader.fill: y is ${describeValue(y)}, the targets are ${targets.dtype}`)
  }
}
