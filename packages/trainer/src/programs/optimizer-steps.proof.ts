import { UNIT } from '@handgrad/gradcheck'
import { Adam, SGD } from '@handgrad/loss-optim'
import { type FloatDType, Generator, type Tensor, useBackend, zeros } from '@handgrad/tensor'
import { build, widened } from './build.proof.ts'
import type { NetworkCase } from './case.proof.ts'
import type { Difference } from './compare.proof.ts'
import type { Kernels } from './pools.proof.ts'

const STEPS = 3
/** A step is at most so many roundings of its own size and of the parameter's. */
const ROUNDINGS = 32

/** An optimizer of a case, by the words in which it is made. */
interface Choice {
  readonly name: string
  /** Whether it climbs. */
  readonly maximize: boolean
  readonly make: (parameters: Tensor[]) => SGD | Adam
}

/** The optimizer that goes with a case: drawn from its seed. */
function choose({ seed }: NetworkCase): Choice {
  const generator = new Generator(seed + 3000)
  const one = <T>(...of: T[]): T => of[generator.random32() % of.length]
  const usual = { lr: one(0.1, 0.01), weightDecay: one(0, 0.05), maximize: one(false, true) }
  const { maximize } = usual
  if (one(true, false)) {
    const options = {
      ...usual,
      betas: one<[number, number]>([0.9, 0.999], [0, 0.5], [0.5, 0]),
      amsgrad: one(false, true),
    }
    return { name: `Adam ${JSON.stringify(options)}`, maximize, make: (own) => new Adam(own, options) }
  }
  const momentum = one(0, 0.9)
  const nesterov = momentum > 0 && one(false, true)
  const options = { ...usual, momentum, nesterov, dampening: nesterov ? 0 : one(0, 0.3) }
  return { name: `SGD ${JSON.stringify(options)}`, maximize, make: (own) => new SGD(own, options) }
}

/** Numbers from ½ to 1½: gradients and parameters between which nothing cancels, so that a step errs by its own size. */
function draw(shape: readonly number[], generator: Generator, sign = 1): Tensor {
  const drawn: Tensor = zeros(shape)
  generator.uniform(drawn.data)
  for (let i = 0; i < drawn.data.length; i++) drawn.data[i] = sign * (drawn.data[i] + 0.5)
  return drawn
}

/** Some steps of the case's optimizer on parameters of the network's shapes, by the kernels and in float64. */
export function compareOptimizer(network: NetworkCase, backend: Kernels): Difference | null {
  const { name, maximize, make } = choose(network)
  const shapes = build(network).namedParameters()
  if (shapes.length === 0) return null
  const generator = new Generator(network.seed + 4000)
  // What climbs with decay goes away from 0: gradients and parameters of other signs.
  const fast = shapes.map(([, { shape }]) => draw(shape, generator, maximize ? -1 : 1))
  const exact = fast.map(widened)
  const sides = { float32: make(fast), float64: make(exact) } satisfies Record<FloatDType, unknown>
  const way = `${backend}, ${name}`
  const allowed = exact.map(({ data }) => data.map(() => 0))
  for (let step = 0; step < STEPS; step++) {
    const before = exact.map(({ data }) => Float64Array.from(data))
    for (const [i, parameter] of fast.entries()) {
      parameter.g = step === 1 && i % 3 === 2 ? null : draw(parameter.shape, generator)
      exact[i].g = parameter.g === null ? null : widened(parameter.g)
    }
    useBackend(backend)
    sides.float32.step()
    // What has no kernel for its dtype runs as on reference.
    if (step === 0) useBackend('reference')
    sides.float64.step()
    for (const [i, { data }] of exact.entries()) {
      const wrong = worst(fast[i].data, data, before[i], allowed[i])
      if (wrong !== null) return { way, message: `step ${step}: ${shapes[i][0]} ${wrong}` }
    }
  }
  return null
}

/** The first number that is further off than all steps so far allow. */
function worst(
  came: ArrayLike<number>,
  right: ArrayLike<number>,
  before: ArrayLike<number>,
  allowed: ArrayLike<number> & { [i: number]: number },
): string | null {
  for (let i = 0; i < right.length; i++) {
    allowed[i] += ROUNDINGS * UNIT.float32 * (Math.abs(right[i] - before[i]) + Math.abs(right[i]))
    if (Math.abs(came[i] - right[i]) <= allowed[i]) continue
    return `[${i}]: expected ${right[i]}, got ${came[i]}, allowed ${allowed[i].toPrecision(3)}`
  }
  return null
}
