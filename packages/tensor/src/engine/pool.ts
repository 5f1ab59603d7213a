import { platform } from '#platform'
import type { WorkerThread } from '../platform/platform.ts'
import type { KernelModules } from '../simd/kernels.ts'
import { sharedMemory, takeBlock } from '../simd/memory.ts'
import { version } from '../version.ts'
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
  pause,
  SAMPLES,
  SCRATCH,
  SCRATCH_BYTES,
  SHARDS,
  SLOT_BYTES,
  SLOTS,
  STOP,
  THREADS,
  ticket,
  upAt,
  wordsOf,
} from './control.ts'
import type { Job, Program } from './program.ts'
import { work } from './work.ts'
import type { WorkerStart } from './worker.ts'

/** A worker that has not moved for so long, while it holds a shard, is dead. */
const PATIENCE_MS = 10_000
/** One that has neither come up nor failed after so long is said to be missing; nobody waits for it. */
const LATE_MS = 30_000
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

/** So many threads at most. */
export const MOST_THREADS = 256

/**
 * The calling thread and workers that have the kernels of one backend, over the one shared memory.
 *
 * Work is done by those that have come up. A worker that comes up late takes part from the next job on; one that never
 * does costs its share of the speed and nothing else. One that came up and is gone may have taken a shard along: that is
 * the end of the pool.
 */
export class Pool {
  readonly #control: Int32Array
  readonly #at: number
  readonly #modules: KernelModules
  readonly #workers: (WorkerThread | null)[] = []
  /** Workers that did not come up, as far as is known. */
  readonly #missing = new Set<number>()
  readonly #said: string[] = []
  readonly #tell: (text: string) => void
  /** When the workers should all have come up; Infinity once that is settled. */
  #due = Infinity
  #failure: Error | null = null

  /** `tell` hears of workers that do not come up. */
  constructor(modules: KernelModules, tell: (text: string) => void) {
    this.#at = takeBlock(wordsOf(MOST_THREADS) * 4)
    this.#control = new Int32Array(sharedMemory().buffer, this.#at, wordsOf(MOST_THREADS))
    this.#modules = modules
    this.#tell = tell
  }

  /** The kernels that the workers have. */
  get modules(): KernelModules {
    return this.#modules
  }

  /** What was told so far. */
  get said(): readonly string[] {
    return this.#said
  }

  /** Starts workers until there are enough for `threads`, the calling one included. */
  grow(threads: number): void {
    while (this.#workers.length < threads - 1) {
      const thread = this.#workers.length + 1
      const memory = sharedMemory()
      this.#workers.push(this.#start({ version, memory, modules: this.#modules, control: this.#at, thread }))
      this.#due = performance.now() + LATE_MS
    }
  }

  #start(start: WorkerStart): WorkerThread | null {
    const { thread } = start
    try {
      const worker = platform.startWorker((reason) => this.#ended(thread, reason))
      worker.send(start)
      return worker
    } catch (error) {
      this.#lack(thread, (error as Error).message)
      return null
    }
  }

  #isUp(thread: number): boolean {
    return Atomics.load(this.#control, upAt(thread)) !== 0
  }

  #ended(thread: number, reason: string): void {
    if (this.#failure !== null) return
    if (this.#isUp(thread)) this.#fail(thread, reason)
    else this.#lack(thread, reason)
  }

  #fail(thread: number, reason: string): void {
    this.#failure ??= new Error(`worker thread ${thread} is gone: ${reason}`)
  }

  #lack(thread: number, reason: string): void {
    this.#missing.add(thread)
    const text = `a worker thread did not come up (${reason}): training goes on with the threads that are there, to the same numbers; setWorkerUrl() says where the worker's module is`
    this.#said.push(text)
    this.#tell(text)
  }

  /** Says so of workers that neither came up nor said why not. */
  #checkLate(): void {
    const late = this.#workers.map((_, i) => i + 1).filter((thread) => !this.#isUp(thread))
    if (late.length > 0 && performance.now() < this.#due) return
    // mutant: dropped statement is equivalent because only looks are saved: the same thread is not said to be missing twice
    this.#due = Infinity
    for (const thread of late) this.#lack(thread, `nothing was heard of it for ${LATE_MS / 1000} s`)
  }

  /** Of so many threads those that work or are about to, the calling one included: without workers that did not come up. */
  there(threads: number): number {
    const missing = [...this.#missing].filter((thread) => thread < threads && !this.#isUp(thread))
    return threads - missing.length
  }

  /** How many of so many threads' workers have come up so far; work does not wait for them. */
  ready(threads: number): number {
    return this.#workers.filter((_, i) => i + 1 < threads && this.#isUp(i + 1)).length
  }

  /** Why the pool is of no use any more: a worker has died at work. */
  get failure(): Error | null {
    return this.#failure
  }

  /**
   * Runs a phase's body on all samples, on `threads` threads; `meanwhile` is called when the workers have been told.
   * @throws Error when a worker has died, and what `meanwhile` throws, when the samples are done.
   */
  run(pooled: PooledJob, threads: number, meanwhile: () => void): void {
    if (this.#failure !== null) throw this.#failure
    if (this.#due !== Infinity) this.#checkLate()
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
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(control, DONE) === shards) return
      pause()
    }
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
    this.#failure = new Error('the pool is closed')
    Atomics.store(this.#control, STOP, 1)
    Atomics.add(this.#control, GENERATION, 1)
    Atomics.notify(this.#control, GENERATION)
    for (const worker of this.#workers) worker?.stop()
  }
}
