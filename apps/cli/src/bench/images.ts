import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseIdx } from '@handgrad/data'

/** Images [batch,1,28,28] and their classes. */
export interface BatchOfImages {
  readonly x: Float32Array
  readonly y: Int32Array
}

/** So many images go round, in at most so many batches: enough not to be learnt by heart within a measurement. */
const IMAGES = 12_800
const BATCHES = 200
const [MEAN, DEVIATION] = [0.1307, 0.3081]

/**
 * The first training images of MNIST, normalised: the same for everyone who is measured, because the time of a step may
 * depend on what it sees. `bench/peers/pytorch.py` reads them in the same way.
 */
export function mnistBatches(folder: string, batch: number): BatchOfImages[] {
  const pixels = parseIdx(readFileSync(join(folder, 'train-images-idx3-ubyte'))).data
  const labels = parseIdx(readFileSync(join(folder, 'train-labels-idx1-ubyte'))).data
  const table = Float32Array.from({ length: 256 }, (_, value) => (value / 255 - MEAN) / DEVIATION)
  const count = Math.min(BATCHES, Math.floor(IMAGES / batch))
  const size = batch * 784
  return Array.from({ length: count }, (_, i) => {
    const x = new Float32Array(size)
    for (let j = 0; j < size; j++) x[j] = table[pixels[i * size + j]]
    return { x, y: Int32Array.from(labels.subarray(i * batch, (i + 1) * batch)) }
  })
}

/** Hands the elements of a list out in turn, for ever. */
export function inTurn<T>(list: readonly T[]): () => T {
  let at = 0
  return () => list[at++ % list.length]
}
