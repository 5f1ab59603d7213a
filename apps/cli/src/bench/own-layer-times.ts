import { Conv2d, Flatten, type Layer, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { type BackendName, manualSeed, Tensor, tensor, useBackend, zeros } from '@handgrad/tensor'
import { inTurn, mnistBatches } from './images.ts'
import { LeakyReLU } from './leaky-relu.ts'
import { loopWithoutDx } from './loops.ts'
import type { OwnLayerRow } from './report.ts'
import { rangeOf } from './stats.ts'

/**
 * What one layer of one's own costs README's loop beyond its own two passes: node own-layer-times.ts <folder> <backend>
 * <rounds> <milliseconds>. All is measured in turn in this process, on one thread.
 */
const [folder, backend, rounds, milliseconds] = process.argv.slice(2)
useBackend(backend as BackendName)
const BATCH = 64
const batches = mnistBatches(folder, BATCH).map(({ x, y }) => ({
  x: tensor(x, [BATCH, 1, 28, 28]),
  y: tensor(y),
}))

/** The seed's network, with a layer of one's own in one of two places. */
function network(place: Place | null): Sequential {
  manualSeed(0)
  return new Sequential(
    new Conv2d(1, 8, 3, { padding: 1 }),
    place === 'first ReLU' ? new LeakyReLU() : new ReLU(),
    new MaxPool2d(2),
    new Conv2d(8, 16, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    ...(place === 'behind the second pool' ? [new LeakyReLU()] : []),
    new Flatten(),
    new Linear(784, 10),
  )
}

type Place = OwnLayerRow['place']
/** What the layer sees there. */
const shapes: Readonly<Record<Place, readonly number[]>> = {
  'behind the second pool': [BATCH, 16, 7, 7],
  'first ReLU': [BATCH, 8, 28, 28],
}

/** A step of README's loop. */
function stepOf(net: Sequential): () => void {
  const criterion = new CrossEntropyLoss()
  const sgd = new SGD(net.parameters(), { lr: 0.01 })
  const next = inTurn(batches)
  return () => void loopWithoutDx({ net, criterion, sgd, ...next() })
}

/** The layer's own two passes. */
function passesOf(layer: Layer, shape: readonly number[]): () => void {
  const x = zeros(shape)
  for (const i of x.data.keys()) x.data[i] = Math.sin(i)
  const dy = new Tensor<'float32'>(x.data.slice(), shape)
  return () => {
    layer.forward(x).g = dy
    layer.bwd()
  }
}

const places = Object.keys(shapes) as Place[]
const plain = stepOf(network(null))
const own = places.map((place) => ({
  place,
  loop: stepOf(network(place)),
  alone: passesOf(new LeakyReLU(), shapes[place]),
  parts: [] as number[],
}))

/** Microseconds of one. */
function time(step: () => void, atLeast: number): number {
  const from = performance.now()
  let count = 0
  do {
    step()
    count++
  } while (performance.now() < from + atLeast)
  return ((performance.now() - from) * 1000) / count
}

const length = Number(milliseconds)
for (const step of [plain, ...own.flatMap(({ loop, alone }) => [loop, alone])]) time(step, 2 * length)
for (let round = 0; round < Number(rounds); round++) {
  for (const { loop, alone, parts } of own) {
    const before = time(plain, length)
    const extra = time(loop, length) - time(alone, length)
    const around = (before + time(plain, length)) / 2
    parts.push((extra - around) / around)
  }
}
const rows: OwnLayerRow[] = own.map(({ place, parts }) => ({ place, part: rangeOf(parts) }))
console.log(JSON.stringify(rows))
process.exit(0)
