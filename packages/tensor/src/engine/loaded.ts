import type { BackendName } from '../backend.ts'
import type { Generator } from '../generator.ts'
import { type Kernel, kernelsOf } from '../simd/kernels.ts'
import { freeBlock, sharedMemory, takeBlock } from '../simd/memory.ts'
import type { Compiler } from './compiler.ts'
import { currentPools, type Pools } from './in-force.ts'
import type { Linked } from './link.ts'
import { type Bases, type Job, jobFor, type Program, Routine, runShard, shardStart } from './program.ts'
import type { Buffer } from './value.ts'
import type { Draw } from './written.ts'

// mutant: constant `0` → `(-1)` is equivalent because a program's number only tells it from others
let programs = 0
const nothing = (): void => {}

/** A program in memory: it can be run any number of times without allocating. */
export class Loaded {
  readonly backend: Exclude<BackendName, 'reference'>
  readonly #id = ++programs
  readonly #linked: Linked
  readonly #program: Program
  readonly #prepare: Routine
  readonly #jobs: readonly Job[]
  readonly #ends: readonly Routine[]
  readonly #fixed: number
  readonly #slots: number
  #scratch: { at: number; threads: number }
  #json: readonly [at: number, bytes: number] | null = null
  readonly #draws: readonly (Pick<Draw, 'layer' | 'draw'> & { view: Float32Array })[]
  readonly #generators: ReadonlySet<Generator>
  readonly #parameters: readonly { view: Float32Array; tensor: Compiler['parameters'][number]['tensor'] }[]
  readonly #bases: Bases
  #isLost = false

  constructor(compiler: Compiler, linked: Linked, backend: Exclude<BackendName, 'reference'>) {
    const { program } = linked
    const kernels: Readonly<Record<string, Kernel>> = kernelsOf(backend)
    const { fixed, scratch, slot } = program.bytes
    this.backend = backend
    this.#linked = linked
    this.#program = program
    this.#prepare = new Routine(program.prepare, kernels)
    this.#jobs = program.phases.map((_, phase) => jobFor(program, phase, kernels))
    this.#ends = program.phases.map(({ end }) => new Routine(end, kernels))
    this.#fixed = takeBlock(fixed)
    this.#scratch = { at: takeBlock(scratch), threads: 1 }
    this.#slots = takeBlock(slot * program.shards)
    this.#bases = { fixed: this.#fixed, scratch: this.#scratch.at, slot: this.#slots }
    for (const { buffer, values } of compiler.tables) this.integers(buffer, values.length).set(values)
    this.#draws = compiler.draws.map(({ layer, buffer, draw }) => ({
      layer,
      view: this.floats(buffer, (buffer.bytes / 4) * compiler.samples),
      draw,
    }))
    this.#generators = new Set(compiler.draws.map(({ generator }) => generator))
    this.#parameters = compiler.parameters.map(({ tensor, buffer }) => ({
      view: this.floats(buffer, tensor.data.length),
      tensor,
    }))
  }

  /** What it holds of the kernels' memory: the more threads have run it, the more scratch. */
  get bytes(): number {
    const { bytes, shards } = this.#program
    return bytes.fixed + bytes.scratch * this.#scratch.threads + bytes.slot * shards
  }

  /** True when a thread died in it: what is there can be read, and nothing can be run there any more. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** `length` floats of a buffer of the program's block. */
  floats(buffer: Buffer, length: number): Float32Array {
    return new Float32Array(sharedMemory().buffer, this.#fixed + this.#linked.placeOf(buffer).offset, length)
  }

  /** `length` whole numbers of a buffer of the program's block. */
  integers(buffer: Buffer, length: number): Int32Array {
    return new Int32Array(sharedMemory().buffer, this.#fixed + this.#linked.placeOf(buffer).offset, length)
  }

  /** Copies the parameters in, as they are now. */
  readParameters(): void {
    for (const { view, tensor } of this.#parameters) view.set(tensor.data)
  }

  /** Draws the batch's random numbers; gives what takes the generators back to before. */
  draw(): () => void {
    const undo = [...this.#generators].map((generator) => generator.mark())
    for (const { view, draw } of this.#draws) view.set(draw())
    return () => {
      for (const back of undo) back()
    }
  }

  /** A copy of the random numbers, by the layer that drew them. */
  drawn(): Map<object, Float32Array> {
    return new Map(this.#draws.map(({ layer, view }) => [layer, new Float32Array(view)]))
  }

  /** A copy of what a batch was computed from, beside its input: parameters and random numbers. */
  save(): Float32Array[] {
    return [...this.#parameters, ...this.#draws].map(({ view }) => new Float32Array(view))
  }

  /** Writes what another program of the same layers has saved. */
  restore(saved: readonly Float32Array[]): void {
    const views = [...this.#parameters, ...this.#draws]
    saved.forEach((values, i) => views[i].view.set(values))
  }

  /** Once a batch, when input, parameters and random numbers are there: parameters into the kernels' layouts. */
  prepare(): void {
    this.#prepare.run(this.#bases, 0, 0)
  }

  /**
   * Runs the phases of a stretch on all samples, on `threads` threads; `meanwhile` is called once, while others are at work.
   * @throws Error when a thread is gone; its program is to be loaded anew.
   */
  run(stretch: string, threads: number, meanwhile: () => void = nothing): void {
    const [from, to] = this.#linked.stretches.get(stretch) as readonly [number, number]
    // Who finds no shard needs no scratch either.
    const many = Math.min(threads, this.#program.shards)
    const pools = currentPools()
    for (let phase = from; phase < to; phase++) {
      const also = phase === from ? meanwhile : nothing
      if (many > 1 && pools !== null) this.#runPooled(pools, phase, many, also)
      else this.#runAlone(phase, also)
      this.#bases.slot = this.#slots
      this.#ends[phase].run(this.#bases, 0, 0)
    }
  }

  #runAlone(phase: number, meanwhile: () => void): void {
    const { samples, shards, bytes } = this.#program
    const bases = this.#bases
    meanwhile()
    for (let shard = 0; shard < shards; shard++) {
      bases.slot = this.#slots + shard * bytes.slot
      runShard(
        this.#jobs[phase],
        bases,
        shardStart(samples, shards, shard),
        shardStart(samples, shards, shard + 1),
      )
    }
  }

  #runPooled(pools: Pools, phase: number, threads: number, meanwhile: () => void): void {
    const pool = pools.poolFor(this.backend, threads)
    if (this.#scratch.threads < threads) this.#makeRoom(threads)
    this.#json ??= this.#write()
    const job = {
      id: this.#id,
      phase,
      job: this.#jobs[phase],
      program: this.#program,
      fixed: this.#fixed,
      scratch: this.#scratch.at,
      slots: this.#slots,
      json: this.#json,
    }
    try {
      pool.run(job, threads, meanwhile)
    } catch (error) {
      if (pool.failure !== null) {
        // Whoever still works for the old pool may write here.
        this.#isLost = true
        pools.endPool(this.backend)
      }
      throw error
    }
  }

  #makeRoom(threads: number): void {
    const { scratch } = this.#program.bytes
    freeBlock(this.#scratch.at, scratch * this.#scratch.threads)
    this.#scratch = { at: takeBlock(scratch * threads), threads }
    this.#bases.scratch = this.#scratch.at
  }

  #write(): readonly [at: number, bytes: number] {
    const { samples, shards, micro, bytes, phases } = this.#program
    const bodies = phases.map(({ begin, body }) => ({ begin, body, end: [] }))
    const program: Program = { samples, shards, micro, bytes, prepare: [], phases: bodies }
    const text = new TextEncoder().encode(JSON.stringify(program))
    const at = takeBlock(text.length)
    new Uint8Array(sharedMemory().buffer, at, text.length).set(text)
    return [at, text.length]
  }

  /** Gives the memory back. */
  free(): void {
    if (this.#isLost) return
    const { bytes, shards } = this.#program
    if (this.#json !== null) {
      currentPools()?.forgetJobs(this.backend)
      freeBlock(...this.#json)
    }
    freeBlock(this.#fixed, bytes.fixed)
    freeBlock(this.#scratch.at, bytes.scratch * this.#scratch.threads)
    freeBlock(this.#slots, bytes.slot * shards)
  }
}
