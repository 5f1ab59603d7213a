import type { Kernel } from './kernels.ts'

/**
 * Where an address lies: in the program's own block, in a thread's scratch, or in the gradient slot of a shard.
 * `stride` is what one sample of the batch moves it by, in bytes.
 */
export interface Ref {
  readonly space: 'fixed' | 'scratch' | 'slot'
  readonly offset: number
  readonly stride: number
}

/** Stands for the number of samples of the micro-batch at hand. */
export const COUNT = 'count'

/** An argument of a kernel: a number, an address, or the number of samples. */
export type Arg = number | Ref | typeof COUNT

/** One kernel, by `package/name`, with its arguments. */
export interface Call {
  readonly kernel: string
  readonly args: readonly Arg[]
}

/** A planned network as data: it can be sent to another thread, and names no layer. */
export interface Program {
  /** Samples of a batch. */
  readonly samples: number
  /** How many shards a batch is cut into. */
  readonly shards: number
  /** Samples that go through all of `body` at a time. */
  readonly micro: number
  /** Bytes of each space; `scratch` per thread, `slot` per shard. */
  readonly bytes: { readonly fixed: number; readonly scratch: number; readonly slot: number }
  /** Once per batch, before the body: parameters into the kernels' layouts. */
  readonly prepare: readonly Call[]
  /** Once per shard, before the body: its gradient slot is cleared. */
  readonly begin: readonly Call[]
  /** Per micro-batch. */
  readonly body: readonly Call[]
  /** Once per batch, after the slots were added: gradients into torch's layouts. */
  readonly finish: readonly Call[]
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
  refs: { at: number; ref: Ref }[]
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
      const refs = args.flatMap((arg, at) => (typeof arg === 'object' ? [{ at, ref: arg }] : []))
      const counts = args.flatMap((arg, at) => (arg === COUNT ? [at] : []))
      return { kernel, args: args.map((arg) => (typeof arg === 'number' ? arg : 0)), refs, counts }
    })
  }

  /** Runs every call on `count` samples from sample `first` on. */
  run(bases: Bases, first: number, count: number): void {
    for (const { kernel, args, refs, counts } of this.#calls) {
      for (const { at, ref } of refs) args[at] = bases[ref.space] + ref.offset + first * ref.stride
      for (const at of counts) args[at] = count
      kernel(...args)
    }
  }
}

/** A slot of more bytes costs more to clear and to add up than the threads that it keeps busy are worth. */
const LARGE_SLOT = 1 << 17

/**
 * How many shards a batch is cut into, each with a gradient slot of `slot` bytes: by these two alone, so that results do
 * not depend on the number of threads. Of large slots there is one for every 16 samples.
 */
export function shardsOf(samples: number, slot: number): number {
  return Math.min(8, slot > LARGE_SLOT ? Math.ceil(samples / 16) : samples)
}

/** The first sample of shard `index` of `shards`; the next shard's first is its end. */
export function shardStart(samples: number, shards: number, index: number): number {
  return Math.floor((samples * index) / shards)
}

/** Runs a program on all of a batch as one shard, micro-batch after micro-batch. */
export function runWhole(
  program: Program,
  kernels: Readonly<Record<string, Kernel>>,
  bases: Bases,
  samples: number,
): void {
  new Routine(program.begin, kernels).run(bases, 0, 0)
  const body = new Routine(program.body, kernels)
  for (let at = 0; at < samples; at += program.micro)
    body.run(bases, at, Math.min(program.micro, samples - at))
}
