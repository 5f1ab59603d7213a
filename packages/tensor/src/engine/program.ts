import type { Kernel } from '../simd/kernels.ts'
import { COUNT } from './value.ts'

/**
 * Where an address lies: in the program's own block, in a thread's scratch, or in the slot of a shard.
 * `stride` is what one sample of the batch moves it by, in bytes.
 */
export interface Place {
  readonly space: 'fixed' | 'scratch' | 'slot'
  readonly offset: number
  readonly stride: number
}

/** One kernel, by `package/name`, with its arguments. */
export interface Call {
  readonly kernel: string
  readonly args: readonly (number | Place | typeof COUNT)[]
}

/** A stretch of a program that all shards end before the next one begins. */
export interface Phase {
  /** Once per shard, before the body: its slots are cleared. */
  readonly begin: readonly Call[]
  /** Per micro-batch. */
  readonly body: readonly Call[]
  /** Once per batch, when all shards have ended: their slots are added up, and what follows from the sums. */
  readonly end: readonly Call[]
}

/** A planned network as data: it can be sent to another thread, and names no layer. */
export interface Program {
  /** Samples of a batch. */
  readonly samples: number
  /** How many shards a batch is cut into. */
  readonly shards: number
  /** Samples that go through all of a phase's body at a time. */
  readonly micro: number
  /** Bytes of each space; `scratch` per thread, `slot` per shard. */
  readonly bytes: { readonly fixed: number; readonly scratch: number; readonly slot: number }
  /** Once per batch, before all phases: parameters into the kernels' layouts. */
  readonly prepare: readonly Call[]
  readonly phases: readonly Phase[]
}

/** Where a program's spaces start in memory. */
export interface Bases {
  fixed: number
  scratch: number
  slot: number
}

/** Calls with kernels looked up and an argument list that is filled anew for each micro-batch. */
interface Bound {
  kernel: Kernel
  args: number[]
  /** Per address: its place among the arguments, where it lies, and how it moves. */
  places: { at: number; place: Place }[]
  counts: number[]
}

/** A list of calls that can be run any number of times without allocating. */
export class Routine {
  readonly #calls: Bound[]

  /** @throws Error when a kernel is not there. */
  constructor(calls: readonly Call[], kernels: Readonly<Record<string, Kernel>>) {
    this.#calls = calls.map(({ kernel: name, args }) => {
      const kernel = kernels[name]
      if (kernel === undefined) throw new Error(`there is no kernel '${name}'; run \`pnpm kernels\``)
      const places = args.flatMap((arg, at) => (typeof arg === 'object' ? [{ at, place: arg }] : []))
      const counts = args.flatMap((arg, at) => (arg === COUNT ? [at] : []))
      return { kernel, args: args.map((arg) => (typeof arg === 'number' ? arg : 0)), places, counts }
    })
  }

  /** Runs every call on `count` samples from sample `first` on. */
  run(bases: Bases, first: number, count: number): void {
    for (const { kernel, args, places, counts } of this.#calls) {
      for (const { at, place } of places) args[at] = bases[place.space] + place.offset + first * place.stride
      for (const at of counts) args[at] = count
      kernel(...args)
    }
  }
}

/** A slot of more bytes costs more to clear and to add up than the threads that it keeps busy are worth. */
const LARGE_SLOT = 1 << 17

/**
 * How many shards a batch is cut into, each with slots of `slot` bytes: by these two alone, so that results do not depend
 * on the number of threads. Of large slots there is one for every 16 samples.
 */
export function shardsOf(samples: number, slot: number): number {
  return Math.min(8, slot > LARGE_SLOT ? Math.ceil(samples / 16) : samples)
}

/** The first sample of shard `index` of `shards`; the next shard's first is its end. */
export function shardStart(samples: number, shards: number, index: number): number {
  return Math.floor((samples * index) / shards)
}

/** A phase with its kernels looked up. */
export interface Job {
  readonly micro: number
  readonly begin: Routine
  readonly body: Routine
}

/** A phase of a program on one thread's kernels. */
export function jobFor(
  { micro, phases }: Pick<Program, 'micro' | 'phases'>,
  phase: number,
  kernels: Readonly<Record<string, Kernel>>,
): Job {
  const { begin, body } = phases[phase]
  return { micro, begin: new Routine(begin, kernels), body: new Routine(body, kernels) }
}

/** Runs a phase on the samples `from` … `to − 1`, those of one shard, micro-batch after micro-batch. */
export function runShard(
  { begin, body, micro }: Job,
  bases: Bases,
  from: number,
  to: number,
  moved?: () => void,
): void {
  begin.run(bases, 0, 0)
  for (let at = from; at < to; at += micro) {
    body.run(bases, at, Math.min(micro, to - at))
    moved?.()
  }
}
