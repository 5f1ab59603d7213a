import { instantiate, type Kernel, type KernelModules, type Program, type WasmMemory } from '@handgrad/tensor'
import { receive } from '#receive'
import { version } from '../version.ts'
import {
  FAILED,
  GENERATION,
  isCurrent,
  PROGRAM,
  PROGRAM_AT,
  PROGRAM_BYTES,
  STOP,
  upAt,
  wordsOf,
} from './control.ts'
import { type Job, jobFor, work } from './work.ts'

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

/** Works on jobs until it is told to stop. */
function loop({ memory, modules, control: at, thread }: WorkerStart): void {
  const kernels = instantiate(modules, memory)
  const jobs = new Map<number, Job>()
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
      const job = jobOf(control, bytes, jobs, kernels, seen)
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
  }
  while (Atomics.load(control, GENERATION) === seen) Atomics.wait(control, GENERATION, seen)
  return Atomics.load(control, GENERATION)
}

/** The job's routine, read from the shared memory the first time; null when the job is over already. */
function jobOf(
  control: Int32Array,
  bytes: Uint8Array,
  jobs: Map<number, Job>,
  kernels: Readonly<Record<string, Kernel>>,
  generation: number,
): Job | null {
  const id = Atomics.load(control, PROGRAM)
  const at = Atomics.load(control, PROGRAM_AT)
  const json = jobs.has(id) ? null : bytes.slice(at, at + Atomics.load(control, PROGRAM_BYTES))
  // Only now is it sure that all of it was one job's.
  if (!isCurrent(control, generation)) return null
  if (json !== null) {
    jobs.set(id, jobFor(JSON.parse(new TextDecoder().decode(Uint8Array.from(json))) as Program, kernels))
  }
  return jobs.get(id)!
}

// Not awaited here: bundlers write workers in formats without an await at the top.
receive((message) => {
  const start = message as WorkerStart
  if (start.version !== version) {
    throw new Error(`its module is of version ${version}, the program is of ${start.version}`)
  }
  loop(start)
})
