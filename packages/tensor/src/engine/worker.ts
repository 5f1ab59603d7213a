import { receive } from '#receive'
import { instantiate, type Kernel, type KernelModules } from '../simd/kernels.ts'
import type { WasmMemory } from '../simd/wasm.ts'
import { version } from '../version.ts'
import {
  FAILED,
  GENERATION,
  isCurrent,
  PHASE,
  PROGRAM,
  PROGRAM_AT,
  PROGRAM_BYTES,
  pause,
  STOP,
  THREADS,
  upAt,
  wordsOf,
} from './control.ts'
import { type Job, jobFor, type Program } from './program.ts'
import { work } from './work.ts'

/** What a worker starts from. */
export interface WorkerStart {
  /** Of the package that starts it: another one may mean other things by the same words. */
  version: string
  memory: WasmMemory
  modules: KernelModules
  /** Where the control words start. */
  control: number
  /** The number of this thread; the main one is 0. */
  thread: number
}

/** Looks for a new job so many times before it sleeps: a step's single-threaded part is shorter than waking up. */
const SPINS = 20_000

/** So many programs are kept in mind; one that was forgotten is read again. */
const MOST_PROGRAMS = 64

/** A program as it was read, and those of its phases that were run. */
interface Known {
  readonly program: Program
  readonly jobs: Map<number, Job>
}

/** Works on jobs until it is told to stop. */
function loop({ memory, modules, control: at, thread }: WorkerStart): void {
  const kernels = instantiate(modules, memory)
  const known = new Map<number, Known>()
  let control = new Int32Array(memory.buffer, at, wordsOf(thread + 1))
  let bytes = new Uint8Array(memory.buffer)
  let seen = Atomics.load(control, GENERATION)
  Atomics.store(control, upAt(thread), 1)
  for (;;) {
    seen = nextGeneration(control, seen)
    if (Atomics.load(control, STOP) !== 0) return
    if (bytes.length !== memory.buffer.byteLength) {
      control = new Int32Array(memory.buffer, at, wordsOf(thread + 1))
      bytes = new Uint8Array(memory.buffer)
    }
    try {
      // Who does not take part reads nothing: the program may be gone before the next job comes.
      const takesPart = thread < Atomics.load(control, THREADS)
      const job = takesPart ? jobOf(control, bytes, known, kernels, seen) : null
      if (job !== null) work(control, job, seen, thread)
    } catch (error) {
      Atomics.store(control, FAILED, thread)
      throw error
    }
  }
}

function nextGeneration(control: Int32Array, seen: number): number {
  for (let spin = 0; spin < SPINS; spin++) {
    const now = Atomics.load(control, GENERATION)
    if (now !== seen) return now
    pause()
  }
  while (Atomics.load(control, GENERATION) === seen) Atomics.wait(control, GENERATION, seen)
  return Atomics.load(control, GENERATION)
}

/** The job's routine, read from the shared memory the first time; null when the job is over already, or out of sight. */
function jobOf(
  control: Int32Array,
  bytes: Uint8Array,
  known: Map<number, Known>,
  kernels: Readonly<Record<string, Kernel>>,
  generation: number,
): Job | null {
  const id = Atomics.load(control, PROGRAM)
  const phase = Atomics.load(control, PHASE)
  const at = Atomics.load(control, PROGRAM_AT)
  const end = at + Atomics.load(control, PROGRAM_BYTES)
  const json = known.has(id) ? null : bytes.slice(at, end)
  // Only now is it sure that all of it was one job's.
  if (!isCurrent(control, generation)) return null
  // Memory that another thread has just grown is not seen whole at once: who sees too little takes no part.
  if (json !== null && end > bytes.length) return null
  if (json !== null) {
    if (known.size >= MOST_PROGRAMS) known.clear()
    const program: Program = JSON.parse(new TextDecoder().decode(Uint8Array.from(json)))
    known.set(id, { program, jobs: new Map() })
  }
  const { program, jobs } = known.get(id) as Known
  const job = jobs.get(phase) ?? jobFor(program, phase, kernels)
  jobs.set(phase, job)
  return job
}

// Not awaited here: bundlers write workers in formats without an await at the top.
receive((message) => {
  const start = message as WorkerStart
  if (start.version !== version) {
    throw new Error(`its module is of version ${version}, the program is of ${start.version}`)
  }
  loop(start)
})
