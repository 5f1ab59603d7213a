import { UNIT } from '@handgrad/gradcheck'
import { type BackendName, currentBackend, useBackend } from '@handgrad/tensor'
import type { NetworkCase } from './case.proof.ts'
import { type Expected, type ExpectedPass, expectedOf, type Range } from './expected.proof.ts'
import { bitsOfNumbers } from './numbers.proof.ts'
import { compareOptimizer } from './optimizer-steps.proof.ts'
import {
  type Came,
  hasDropout,
  looping,
  loopingApart,
  loopingLaidOut,
  type Passes,
  stepping,
  type Way,
} from './ways.proof.ts'
import { compareWithoutKernels } from './without-kernels.proof.ts'

/** Where a network came out other than it should, in words and numbers. */
export interface Difference {
  /** The backend and the way in which it was computed. */
  readonly way: string
  /** `batch 1, training: gradient of 0.weight [17]: expected 1.5, got 1.25, allowed 1e-7` */
  readonly message: string
}

/** What to compare; both modules of kernels in every way unless told. */
export interface CompareOptions {
  /** As `expectedOf` gave it: computed here where it is left out. */
  readonly expected?: Expected
  readonly backends?: readonly BackendName[]
  /** The numbers of threads of the steppers, which all have to give the same bits; 1 and the case's own. */
  readonly threads?: readonly number[]
}

/** Runs a network in every way there is, and gives the first difference; null when all is right. */
export function compareNetwork(network: NetworkCase, options: CompareOptions = {}): Difference | null {
  const { expected = expectedOf(network), backends = ['simd', 'simd-plain'] } = options
  const { threads = [1, network.threads] } = options
  const before = currentBackend()
  try {
    for (const backend of backends) {
      const found =
        compareSteppers(network, expected, backend, threads) ??
        // Each takes the layers one by one: some networks in one way, the others in the other.
        compareWay(network, expected, (network.seed % 2 === 0 ? loopingApart : loopingLaidOut)(backend)) ??
        compareMore(network, backend)
      if (found !== null) return found
    }
    return null
  } finally {
    useBackend(before)
  }
}

/** What is beside a network's passes; where no kernel computes, one backend is as the other: each has half of the networks. */
function compareMore(network: NetworkCase, backend: BackendName): Difference | null {
  if (backend === 'reference') return null
  const isIts = network.seed % 2 === (backend === 'simd' ? 0 : 1)
  const found = isIts ? compareWithoutKernels(network, backend) : null
  return found ?? compareOptimizer(network, backend)
}

function compareWay(network: NetworkCase, expected: Expected, way: Way): Difference | null {
  const came = way.run(network, expected)
  return came === null ? null : comparePasses(way.name, came, expected)
}

function compareSteppers(
  network: NetworkCase,
  expected: Expected,
  backend: BackendName,
  threads: readonly number[],
): Difference | null {
  let first: { name: string; bits: string } | null = null
  // A loop's phases are run by the same threads in the same way as a step's: one network in four shows it.
  const loops = threads.filter((count) => count === 1 || network.seed % 4 === 0)
  const steps = threads.map((count) => stepping(backend, count))
  for (const way of [...steps, ...loops.map((count) => looping(backend, count))]) {
    const came = way.run(network, expected)
    if (came === null) continue
    const found = comparePasses(way.name, came, expected) ?? compareModes(network, way.name, came)
    if (found !== null) return found
    const bits = bitsOf(came)
    if (first !== null && bits !== first.bits)
      return { way: way.name, message: `other bits than ${first.name}` }
    first ??= { name: way.name, bits }
  }
  return null
}

/** Evaluation has kernels of its own where nobody asks for the way back; without dropout the loss has the same bits. */
function compareModes(network: NetworkCase, way: string, came: Passes): Difference | null {
  if (hasDropout(network)) return null
  for (const [index, { train, evaluate }] of came.entries()) {
    if (Object.is(train.loss[0], evaluate.loss[0])) continue
    const message = `batch ${index}: loss ${train.loss[0]} in training, ${evaluate.loss[0]} in evaluation`
    return { way, message }
  }
  return null
}

/** Loss and parameters' gradients: the same for the same numbers. */
function bitsOf(passes: Passes): string {
  const all = ({ loss, gradients }: Came): string =>
    bitsOfNumbers([
      Array.from(loss, Math.fround),
      ...[...gradients].flatMap(([name, g]) => (name === 'x' ? [] : [g])),
    ])
  return passes.map(({ train, evaluate }) => `${all(train)};${all(evaluate)}`).join()
}

function comparePasses(way: string, came: Passes, expected: Expected): Difference | null {
  for (const [index, { train, evaluate }] of came.entries()) {
    const own = expected.batches[index]
    const message =
      comparePass(`batch ${index}, training`, train, own.train) ??
      comparePass(`batch ${index}, evaluation`, evaluate, own.evaluate)
    if (message !== null) return { way, message }
  }
  return null
}

function comparePass(where: string, came: Came, expected: ExpectedPass): string | null {
  const { logits, loss, gradients, drawn } = expected
  const found =
    compareRange(came.loss, loss) ??
    (came.logits && compareRange(came.logits, logits)) ??
    (came.predicted && comparePredicted(came.predicted, logits)) ??
    compareGradients(came.gradients, gradients)
  if (found !== null) return `${where}: ${found}`
  const other = came.drawn && compareGradients(came.drawn, drawn)
  return other ? `${where}, from a gradient of the logits that is drawn: ${other}` : null
}

/** Where one gradient is not finite, training is over: which others a NaN reaches is nobody's matter then. */
function compareGradients(came: Came['gradients'], expected: readonly Range[]): string | null {
  if (expected.some(({ values }) => values.some(isNone))) return null
  for (const own of expected) {
    const values = came.get(own.name)
    // A stepper gives none of x.
    const wrong = values === undefined && own.name === 'x' ? null : compareRange(values ?? [], own)
    if (wrong !== null) return `gradient of ${wrong}`
  }
  return null
}

const isNone = (value: number): boolean => !Number.isFinite(value)

/** What overflows nowhere may still be smaller than float32's smallest normal number. */
const TINY = 2 ** -140

function compareRange(came: ArrayLike<number>, { name, values, bounds }: Range): string | null {
  if (came.length !== values.length) return `${name}: expected ${values.length} numbers, got ${came.length}`
  for (let i = 0; i < values.length; i++) {
    const [right, got] = [values[i], came[i]]
    const allowed = bounds[i] + UNIT.float32 * Math.abs(right) + TINY
    if (Object.is(right, got) || Math.abs(got - right) <= allowed) continue
    // What a NaN or an infinity might reach may be anything.
    if (isNone(right) ? isNone(got) : isNone(allowed)) continue
    return `${name} [${i}]: expected ${right}, got ${got}, allowed ${allowed.toPrecision(3)}`
  }
  return null
}

/** The class of the largest logit, the first of several: one that is within the error of the largest. */
function comparePredicted(predicted: Int32Array, { shape, values, bounds }: Range): string | null {
  const [N, C] = shape
  for (let n = 0; n < N; n++) {
    const row = values.subarray(n * C, (n + 1) * C)
    const error = bounds.subarray(n * C, (n + 1) * C)
    if (row.some(isNone) || error.some(isNone)) continue
    const floor = row.reduce((most, value, c) => Math.max(most, value - error[c]), -Infinity)
    const got = predicted[n]
    const earlier = row.indexOf(row[got])
    if (row[got] + error[got] >= floor && earlier === got) continue
    return `predicted [${n}]: expected ${row.indexOf(Math.max(...row))}, got ${got} of logits ${[...row].join(', ')}`
  }
  return null
}
