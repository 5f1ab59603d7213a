import { platform } from '#platform'
import type { BackendName } from '../backend.ts'
import type { WorkerThread } from '../platform/platform.ts'
import { kernelModules } from '../simd/kernels.ts'
import { sharedMemory, takeBlock } from '../simd/memory.ts'
import {
  CLOSED,
  DONE,
  FAILED,
  FIXED,
  GENERATION,
  NEXT,
  PHASE,
  PROGRAM,
  PROGRAM_AT,
  PROGRAM_BYTES,
  PROGRESS,
  READY,
  SAMPLES,
  SCRATCH,
  SCRATCH_BYTES,
  SHARDS,
  SLOT_BYTES,
  SLOTS,
  STOP,
  THREADS,
  ticket,
  WORDS,
} from './control.ts'
import type { Job, Program } from './program.ts'
import { work } from './work.ts'

/** A worker that has not moved for so long, while it holds a shard, is dead. */
const PATIENCE_MS = 10_000
/** Looks so many times for the last shard before sleeping. */
const SPINS = 50_000

/** A phase of a program in memory, ready for all threads. */
export interface PooledJob {
  /** The number of the program, its phase, and the phase on the calling thread's kernels. */
  readonly id: number
  readonly phase: number
  readonly job: Job
  readonly program: Program
  readonly fixed: number
  readonly scratch: number
  readonly slots: number
  /** The program as JSON: address and length. */
  readonly json: readonly [at: number, bytes: number]
}

/** The calling thread and workers that have the kernels of one backend, over the one shared memory. */
export class Pool {
  readonly #control: Int32Array
  readonly #at: number
  readonly #modules: ReturnType<typeof kernelModules>
  readonly #workers: WorkerThread[] = []
  #failure: Error | null = null
  #closed = false

  constructor(backend: Exclude<BackendName, 'reference'>) {
    this.#at = takeBlock(WORDS * 4)
    this.#control = new Int32Array(sharedMemory().buffer, this.#at, WORDS)
    this.#modules = kernelModules(backend)
  }

  /** Starts workers until there are enough for `threads`, the calling one included. */
  grow(threads: number): void {
    while (this.#workers.length < threads - 1) {
      const thread = this.#workers.length + 1
      const worker = platform.startWorker((reason) => this.#fail(thread, reason))
      this.#workers.push(worker)
      worker.send({ memory: sharedMemory(), modules: this.#modules, control: this.#at, thread })
    }
  }

  #fail(thread: number, reason: string): void {
    if (this.#closed) return
    this.#failure ??= new Error(`worker thread ${thread} is gone: ${reason}`)
  }

  /** How many workers have come up so far; work does not wait for them. */
  get ready(): number {
    return Atomics.load(this.#control, READY)
  }

  /** Whether a worker is gone: the pool is of no use then. */
  get failure(): Error | null {
    return this.#failure
  }

  /**
   * Runs a phase's body on all samples, on `threads` threads; `meanwhile` is called when the workers have been told.
   * @throws Error when a worker has died, and what `meanwhile` throws, when the samples are done.
   */
  run(pooled: PooledJob, threads: number, meanwhile: () => void): void {
    if (this.#failure !== null) throw this.#failure
    const { id, phase, job, program, fixed, scratch, slots, json } = pooled
    const control = this.#control
    const generation = control[GENERATION] + 1
    const { samples, shards } = program
    // Closed while the words change: no thread takes a shard of a job that is half described.
    Atomics.store(control, NEXT, ticket(generation, CLOSED))
    const words = [
      [PROGRAM, id],
      [PHASE, phase],
      [THREADS, threads],
      [PROGRAM_AT, json[0]],
      [PROGRAM_BYTES, json[1]],
      [SAMPLES, samples],
      [SHARDS, shards],
      [FIXED, fixed],
      [SCRATCH, scratch],
      [SCRATCH_BYTES, program.bytes.scratch],
      [SLOTS, slots],
      [SLOT_BYTES, program.bytes.slot],
      [DONE, 0],
    ] as const
    for (const [word, value] of words) Atomics.store(control, word, value)
    Atomics.store(control, NEXT, ticket(generation, 0))
    Atomics.store(control, GENERATION, generation)
    Atomics.notify(control, GENERATION)
    try {
      meanwhile()
    } finally {
      work(control, job, generation, 0)
      this.#join(shards)
    }
  }

  /** Waits for the shards that workers still have. */
  #join(shards: number): void {
    const control = this.#control
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(control, DONE) === shards) return
    let progress = Atomics.load(control, PROGRESS)
    let deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const done = Atomics.load(control, DONE)
      if (done === shards) return
      if (platform.canWait) Atomics.wait(control, DONE, done, 100)
      const now = Atomics.load(control, PROGRESS)
      if (now !== progress) {
        progress = now
        deadline = performance.now() + PATIENCE_MS
      }
      const failed = Atomics.load(control, FAILED)
      if (failed !== 0) this.#fail(failed, 'a kernel threw')
      else if (performance.now() > deadline) this.#fail(0, `no thread has moved for ${PATIENCE_MS / 1000} s`)
      if (this.#failure !== null) throw this.#failure
    }
  }

  /** No worker that wakes up late reads a program that is gone: the last job is over for all. */
  forget(): void {
    Atomics.store(this.#control, NEXT, ticket(this.#control[GENERATION] + 1, CLOSED))
  }

  /** Ends the first worker from outside. */
  killWorker(): void {
    this.#workers[0]?.stop()
  }

  /** Lets the workers end. */
  close(): void {
    this.#closed = true
    Atomics.store(this.#control, STOP, 1)
    Atomics.add(this.#control, GENERATION, 1)
    Atomics.notify(this.#control, GENERATION)
    for (const worker of this.#workers) worker.stop()
  }
}
