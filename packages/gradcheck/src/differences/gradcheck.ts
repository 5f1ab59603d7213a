import { type DType, defaultGenerator, Generator, type Tensor } from '@handgrad/tensor'
import { fill } from '../fill.ts'
import type { Checkable } from '../spec.ts'
import { checkOptions, checkOutput, subjectsOf } from './arguments.ts'
import { conclude } from './conclude.ts'
import { allWrong, type GradcheckTensor, judge, malformed, type Subject } from './judge.ts'
import type { Change, DifferenceOptions } from './slopes.ts'
import { unnamedTensors } from './unnamed.ts'

/** How {@link gradcheck} checks. */
export interface GradcheckOptions extends DifferenceOptions {
  /** The gradient of the output, of its shape; random from `seed` unless given. Ones hide mistakes. */
  readonly upstream?: Tensor
  /** Seeds the upstream gradient; 0. */
  readonly seed?: number
  /** The largest share of coordinates that may be skipped as kinks before the check fails; 0.25. */
  readonly maxSkipped?: number
}

/** What {@link gradcheck} found. */
export interface GradcheckReport {
  readonly passed: boolean
  readonly coordinates: number
  readonly skipped: number
  readonly failed: number
  readonly tensors: readonly GradcheckTensor[]
  /** Why it did not pass, one line a reason. */
  readonly problems: readonly string[]
}

function changeOf(x: Tensor, i: number, forward: () => Tensor, y: Tensor, dy: Tensor): Change {
  return (value) => {
    const kept = x.data[i]
    x.data[i] = value
    // A copy: what forward() gives may be a view of x.
    const moved = Float64Array.from(forward().data)
    x.data[i] = kept
    return moved.map((at, k) => (at - y.data[k]) * dy.data[k])
  }
}

/** One pass: the output, its gradient, and each gradient that `bwd()` left, as copies that later passes cannot change. */
function passOf(
  layer: Checkable,
  forward: () => Tensor,
  differentiated: readonly (readonly [string, Tensor])[],
  { upstream, seed = 0 }: GradcheckOptions,
): { y: Tensor; dy: Tensor; subjects: Subject[] } {
  const output = forward()
  checkOutput(output, upstream)
  const y = output.clone()
  const dy = upstream ?? (fill({ shape: y.shape, dtype: 'float64' }, new Generator(seed)) as Tensor)
  output.g = dy.clone()
  layer.bwd()
  const subjects = differentiated.map(([name, x]): Subject => {
    const problem = malformed(name, x)
    return { name, x, problem, analytic: problem === null ? Float64Array.from(x.g!.data) : null }
  })
  return { y, dy, subjects }
}

/** The tensors of a list that are no longer what they were when this was called. */
function watch(tensors: readonly (readonly [string, Tensor<DType>])[]): () => string[] {
  const before = tensors.map(([, { data }]) => data.slice())
  const same = (i: number): boolean =>
    before[i].every((value: number | bigint, k: number) => Object.is(value, tensors[i][1].data[k]))
  return () => tensors.flatMap(([name], i) => (same(i) ? [] : [`forward() or bwd() changed ${name}`]))
}

/**
 * Compares every gradient that `layer.bwd()` gives with central differences in float64, element by element.
 *
 * `input` is a tensor, or several where `forward` takes several (a loss: logits and targets); the first one and all
 * parameters are differentiated. Coordinates with a kink between x−ε and x+ε are counted and skipped. A tensor that the
 * layer computes with, and names neither among its parameters nor its buffers, is a problem: nothing differentiates it.
 * Values and gradients are put back as they were, and so is the default generator.
 * @throws TypeError when an input, a parameter or the output is float32; RangeError for options that make no sense.
 */
export function gradcheck(
  layer: Checkable,
  input: Tensor | readonly Tensor<DType>[],
  options: GradcheckOptions = {},
): GradcheckReport {
  checkOptions(arguments)
  const inputs: readonly Tensor<DType>[] = Array.isArray(input) ? input : [input]
  const differentiated = subjectsOf(layer, inputs)
  const others = inputs.slice(1).map((other, i) => [`input ${i + 1}`, other] as const)
  const state = defaultGenerator.getState()
  const kept = differentiated.map(([, x]) => [x, x.g] as const)
  const forward = (): Tensor => {
    defaultGenerator.setState(state)
    return layer.forward(...inputs)
  }
  for (const [, x] of differentiated) x.g = null
  try {
    const changed = watch([...differentiated, ...others])
    const { y, dy, subjects } = passOf(layer, forward, differentiated, options)
    const known = [...changed(), ...subjects.flatMap(({ problem }) => problem ?? [])]
    const tensors = subjects.map((subject) =>
      subject.analytic === null
        ? allWrong(subject)
        : judge(subject, subject.analytic, (i) => changeOf(subject.x, i, forward, y, dy), options),
    )
    const named = [...differentiated, ...others, ...(layer.namedBuffers?.() ?? [])].map(([, x]) => x)
    known.push(...unnamedTensors(layer, named, forward, y))
    return conclude(tensors, known, options.maxSkipped ?? 0.25)
  } finally {
    for (const [x, g] of kept) x.g = g
    defaultGenerator.setState(state)
  }
}
