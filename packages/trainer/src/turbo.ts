import type { Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import {
  type BackendName,
  currentBackend,
  defaultGenerator,
  manualSeed,
  platform,
  randn,
  recompileKernels,
  Tensor,
  useBackend,
} from '@handgrad/tensor'
import { plannedStepper } from './planned/stepper.ts'
import { localStepper, type Stepper } from './stepper.ts'

/** V8 joins pairs of 128-bit operations into 256-bit ones. */
const FLAG = 'experimental-wasm-revectorize'
/** A shard of the small networks has these images once: a full micro-batch and one of a single image. */
const IMAGES = 9
const TIMES = 8
/** Of the largest gradient of a parameter: sums of thousands of float32 terms on both sides. */
const TOLERANCE = 1e-5
let on = false

/**
 * Compiles the kernels of the backend in force with V8's revectorisation, for all threads from now on, and checks them.
 *
 * The check is one training step and one evaluation of the network on 8 times the same 9 images, compared with `reference`
 * on these 9, which has the same means. The kernels that it runs are compiled by V8's optimising compiler at their first
 * call: it sees the code that trains.
 * The default generator stands afterwards where it stood.
 * @returns null, or in words why the kernels go on without: then all is as it was.
 */
export function startTurbo(make: () => Sequential): string | null {
  if (currentBackend() === 'reference') return 'reference has no kernels to speed up'
  if (!on && !platform.setFlag(`--${FLAG}`)) return 'this engine cannot revectorise WebAssembly'
  on = true
  let passed = false
  try {
    const wrong = checkOptimised(make)
    passed = wrong === null
    return wrong
  } finally {
    if (!passed) stopTurbo()
  }
}

/** Back to the kernels as they are without {@link startTurbo}. */
export function stopTurbo(): void {
  if (!on) return
  on = false
  platform.setFlag(`--no-${FLAG}`)
  recompileKernels()
}

function checkOptimised(make: () => Sequential): string | null {
  recompileKernels()
  // Without its baseline compiler V8 has to optimise a function before its first call.
  platform.setFlag('--no-liftoff')
  const drawn = defaultGenerator.getState()
  try {
    return compare(measure(make, currentBackend()), measure(make, 'reference'))
  } finally {
    platform.setFlag('--liftoff')
    defaultGenerator.setState(drawn)
  }
}

/** Named numbers: the losses, and each parameter's gradient. */
type Measured = [name: string, values: ArrayLike<number>][]

function measure(make: () => Sequential, backend: BackendName): Measured {
  const before = currentBackend()
  useBackend(backend)
  manualSeed(7)
  const net = make()
  const planned = backend === 'reference' ? null : plannedStepper(net, new CrossEntropyLoss(), 1)
  try {
    const images = randn([IMAGES, 1, 28, 28])
    if (planned === null) return step(net, localStepper(net, new CrossEntropyLoss()), images, 1)
    return step(net, planned, images, TIMES)
  } finally {
    planned?.close()
    useBackend(before)
  }
}

function step(net: Sequential, stepper: Stepper, { data }: Tensor, times: number): Measured {
  const count = times * IMAGES
  const pixels = Float32Array.from({ length: times * data.length }, (_, i) => data[i % data.length])
  const x = new Tensor<'float32'>(pixels, [count, 1, 28, 28])
  const y = new Tensor<'int32'>(
    Int32Array.from({ length: count }, (_, i) => i % IMAGES),
    [count],
  )
  const { loss } = stepper.train(x, y)
  const gradients = net
    .namedParameters()
    .map(([name, { g }]): Measured[number] => [`gradient of ${name}`, Float32Array.from(g!.data)])
  return [['loss', [loss]], ...gradients, ['evaluated loss', [stepper.evaluate(x, y).loss]]]
}

/** The first of the numbers that is wrong, in words; null when all agree. */
function compare(came: Measured, expected: Measured): string | null {
  for (const [i, [name, values]] of came.entries()) {
    const right = Array.from(expected[i][1])
    const bound = TOLERANCE * Math.max(...right.map(Math.abs))
    // A NaN is not within it either.
    const at = right.findIndex((value, k) => !(Math.abs(values[k] - value) <= bound))
    if (at >= 0)
      return `its self-check failed: ${name} [${at}] came out as ${values[at]} instead of ${right[at]}`
  }
  return null
}
