import { createInterface } from 'node:readline'
import { DataLoader, loadDataset, mnist } from '@handgrad/data'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { type BackendName, manualSeed, useBackend } from '@handgrad/tensor'
import { models, plannedStepper } from '@handgrad/trainer'
import { dataFolder } from '../train/data-folder.ts'

/**
 * Ours, as a process that `bench` asks like every peer: node ours.ts <network> <batch> <train|infer> <threads> <backend>.
 * It runs on MNIST's images, twenty batches in turn, because the sparse way back depends on what it sees.
 */
const [name, size, mode, threads, backend] = process.argv.slice(2)
const BATCHES = 20

useBackend(backend as BackendName)
manualSeed(0)
const { train } = await loadDataset(mnist, dataFolder('mnist', undefined))
const net = models[name]()
const stepper = plannedStepper(net, new CrossEntropyLoss(), Number(threads))
const sgd = new SGD(net.parameters(), { lr: 0.01 })
const batches: Parameters<typeof stepper.train>[] = []
for (const batch of new DataLoader(train, { batchSize: Number(size), shuffle: true })) {
  batches.push(batch)
  if (batches.length === BATCHES) break
}

let at = 0
function step(): void {
  const batch = batches[at++ % BATCHES]
  if (mode === 'infer') stepper.evaluate(...batch)
  else {
    stepper.train(...batch)
    sgd.step()
  }
}

/** Steps for `milliseconds`, at least once. */
function run(milliseconds: number): { images: number; seconds: number } {
  const from = performance.now()
  let steps = 0
  do {
    step()
    steps++
  } while (performance.now() < from + milliseconds)
  return { images: steps * Number(size), seconds: (performance.now() - from) / 1000 }
}

run(300)
// Workers come up, and V8's optimised code, while the event loop turns.
await new Promise((resolve) => setTimeout(resolve, 200))
run(300)
console.log(JSON.stringify({ ready: true }))
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(run(Number(line))))
}
process.exit(0)
