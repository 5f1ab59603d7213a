import {
  type BackendName,
  freeBlock,
  type Kernel,
  kernelModules,
  type Program,
  sharedMemory,
  takeBlock,
} from '@handgrad/tensor'
import { platform } from '#platform'
import type { WorkerThread } from '../platform/platform.ts'
import { version } from '../version.ts'
import {
  CLOSED,
  DONE,
  FAILED,
  FIXED,
  GENERATION,
  NEXT,
  PROGRAM,
  PROGRAM_AT,
  PROGRAM_BYTES,
  PROGRESS,
  SAMPLES,
  SCRATCH,
  SCRATCH_BYTES,
  SHARDS,
  SLOT_BYTES,
  SLOTS,
  STOP,
  ticket,
  upAt,
  wordsOf,
} from './control.ts'
import { type Job, jobFor, work } from './work.ts'
import type { WorkerStart } from './worker.ts'

/** A worker that has not moved for so long, while it holds a shard, is dead. */
const PATIENCE_MS = 10_000
/** One that has neither come up nor failed after so long is said to be missing; nobody waits for it. */
const LATE_MS = 30_000
/** Looks so many times for the last shard before sleeping. */
const SPINS = 50_000

/** A program in memory, ready for all threads. */
export interface LoadedProgram {
  readonly id: number
  readonly program: Program
  readonly job: Job
  readonly fixed: number
  readonly scratch: number
  readonly slots: number
  /** The program as JSON: address and length. */
  readonly json: readonly [at: number, bytes: number]
}

/**
 * This thread and some workers, over the one shared memory; they go on as long as the process does, or `close()`.
 *
 * Work is done by those that have come up. A worker that comes up late takes part from the next batch on; one that never
 * does costs its share of the speed and nothing else. One that came up and is gone may have taken a shard along: that is
 * the end.
 */
export class Pool {
  /** Whose kernels the workers have. */
  readonly backend: Exclude<BackendName, 'reference'>
  readonly #control: Int32Array
  readonly #at: number
  /** Threads that there is memory for: as many as were asked for. */
  readonly #places: number
  readonly #workers: (WorkerThread | null)[]
  /** Workers that did not come up, as far as is known. */
  readonly #missing = new Set<number>()
  readonly #warn: (text: string) => void
  /** When the workers should all have come up; Infinity once that is settled. */
  #due: number
  #failure: Error | null = null
  #programs = 0

  /**
   * `threads` counts the calling one. Where memory cannot be shared there are no workers. `warn` is called
   * for that, and for each worker that does not come up.
   */
  constructor(
    threads: number,
    backend: Exclude<BackendName, 'reference'>,
    warn: (text: string) => void = () => {},
  ) {
    this.#places = platform.canShare ? threads : 1
    this.backend = backend
    this.#warn = warn
    this.#at = takeBlock(wordsOf(this.#places) * 4)
    const memory = sharedMemory()
    this.#control = new Int32Array(memory.buffer, this.#at, wordsOf(this.#places))
    const modules = this.#places > 1 ? kernelModules(backend) : {}
    this.#workers = Array.from({ length: this.#places - 1 }, (_, i) =>
      this.#start({ version, memory, modules, control: this.#at, thread: i + 1 }),
    )
    if (threads > this.#places) {
      warn(
        'threads share no memory here (a page has to be cross-origin isolated): training goes on with one thread, to the same numbers',
      )
    }
    this.#due = performance.now() + LATE_MS
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
    this.#warn(
      `a worker thread did not come up (${reason}): training goes on with the threads that are there, to the same numbers; setWorkerUrl() says where the worker's module is`,
    )
  }

  /** Says so of workers that neither came up nor said why not. */
  #checkLate(): void {
    const late = this.#workers.map((_, i) => i + 1).filter((thread) => !this.#isUp(thread))
    if (late.length > 0 && performance.now() < this.#due) return
    // mutant: dropped statement is equivalent because only looks are saved: the same thread is not said to be missing twice
    this.#due = Infinity
    for (const thread of late) this.#lack(thread, `nothing was heard of it for ${LATE_MS / 1000} s`)
  }

  /** Threads that work or are about to, the calling one included: without workers that did not come up. */
  get threads(): number {
    return this.#places - [...this.#missing].filter((thread) => !this.#isUp(thread)).length
  }

  /** How many workers have come up so far; work does not wait for them. */
  get ready(): number {
    return this.#workers.filter((_, i) => this.#isUp(i + 1)).length
  }

  /** Takes the memory of a program for all threads. */
  load(program: Program, kernels: Readonly<Record<string, Kernel>>): LoadedProgram {
    const { fixed, scratch, slot } = program.bytes
    const text = new TextEncoder().encode(JSON.stringify(program))
    const at = takeBlock(text.length)
    const loaded = {
      id: ++this.#programs,
      program,
      job: jobFor(program, kernels),
      fixed: takeBlock(fixed),
      scratch: takeBlock(scratch * this.#places),
      slots: takeBlock(slot * program.shards),
      json: [at, text.length] as const,
    }
    new Uint8Array(sharedMemory().buffer, at, text.length).set(text)
    return loaded
  }

  /** Gives a program's memory back. */
  unload({ program, fixed, scratch, slots, json }: LoadedProgram): void {
    // The last job is over, but a worker that wakes up late would read it from memory that is someone else's now.
    Atomics.store(this.#control, NEXT, ticket(this.#control[GENERATION] + 1, CLOSED))
    freeBlock(fixed, program.bytes.fixed)
    freeBlock(scratch, program.bytes.scratch * this.#places)
    freeBlock(slots, program.bytes.slot * program.shards)
    freeBlock(...json)
  }

  /**
   * Runs a program's body on all samples; `meanwhile` is called when the workers have been told.
   * @throws Error when a worker has died, and what `meanwhile` throws, when the samples are done.
   */
  run(loaded: LoadedProgram, meanwhile: () => void): void {
    if (this.#failure !== null) throw this.#failure
    if (this.#due !== Infinity) this.#checkLate()
    const { id, program, job, fixed, scratch, slots, json } = loaded
    const control = this.#control
    const generation = control[GENERATION] + 1
    const { samples, shards } = program
    // Closed while the words change: no thread takes a shard of a job that is half described.
    Atomics.store(control, NEXT, ticket(generation, CLOSED))
    const words = [
      [PROGRAM, id],
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
    if (this.#places > 1) Atomics.notify(control, GENERATION)
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
