import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { type BackendName, currentKernels, manualSeed, tensor, useBackend } from '@handgrad/tensor'
import { models, plannedStepper, startTurbo } from '@handgrad/trainer'
import { inTurn, mnistBatches } from './images.ts'
import { WorkTeller } from './kernel-work.ts'
import { copyGBs, peakGFLOPS } from './peak.ts'
import type { KernelRow, KernelRun } from './report.ts'

/** Times every kernel within a real training step: node kernel-times.ts <folder> <backend> <network> <batch> [turbo]. */
const [folder, backend, network, size, turbo] = process.argv.slice(2)
const STEPS = { warm: 100, timed: 300 }
/** Images that the trainer sends through the network at a time. */
const MICRO = 8

interface Sum {
  seconds: number
  operations: number | null
  bytes: number | null
}

useBackend(backend as BackendName)
const noTurbo = turbo === undefined ? null : startTurbo(models[network])
if (noTurbo !== null) throw new Error(`no turbo: ${noTurbo}`)
manualSeed(0)
const batch = Number(size)
const net = models[network]()
const sums = new Map<string, Sum>()
const teller = new WorkTeller(net, Math.min(MICRO, Math.ceil(batch / 8)))
const kernels = currentKernels()!
for (const [name, kernel] of Object.entries(kernels)) {
  kernels[name] = (...args) => {
    const from = performance.now()
    kernel(...args)
    add(name, (performance.now() - from) / 1000, args)
  }
}

function add(name: string, seconds: number, args: readonly number[]): void {
  const { role, operations, bytes } = teller.tell(name, args)
  const key = `${name}|${role}`
  const sum = sums.get(key)
  if (sum === undefined) {
    sums.set(key, { seconds, operations, bytes })
    return
  }
  sum.seconds += seconds
  if (operations !== null) sum.operations! += operations
  if (bytes !== null) sum.bytes! += bytes
}

const stepper = plannedStepper(net, new CrossEntropyLoss(), 1)
const next = inTurn(
  mnistBatches(folder, batch).map(({ x, y }) => [tensor(x, [batch, 1, 28, 28]), tensor(y)] as const),
)
for (let i = 0; i < STEPS.warm; i++) stepper.train(...next())
sums.clear()
const from = performance.now()
for (let i = 0; i < STEPS.timed; i++) stepper.train(...next())
const whole = (performance.now() - from) / 1000
const peak = await peakGFLOPS()

function rowOf([key, { seconds, operations, bytes }]: [string, Sum]): KernelRow {
  const [kernel, role] = key.split('|')
  const gflops = operations === null ? null : operations / seconds / 1e9
  return {
    kernel,
    role,
    microsecondsPerImage: (seconds * 1e6) / (STEPS.timed * batch),
    share: seconds / whole,
    gflops,
    shareOfPeak: gflops === null ? null : gflops / peak,
    gigabytesPerSecond: bytes === null ? null : bytes / seconds / 1e9,
  }
}

const rows = [...sums].map(rowOf).toSorted((a, b) => b.share - a.share)
const run: Omit<KernelRun, 'turbo'> = {
  network,
  batch,
  backend,
  peakGFLOPS: peak,
  copyGBs: copyGBs(),
  kernels: rows,
}
console.log(JSON.stringify(run))
process.exit(0)
