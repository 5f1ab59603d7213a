/**
 * The words that threads agree by, int32 in the shared memory: the main thread writes a job, then raises GENERATION.
 *
 * NEXT is generation · 256 + the next shard to take: a thread that is late cannot take a shard of another job.
 */
export const GENERATION = 0
export const NEXT = 1
export const SHARDS = 2
export const DONE = 3
/** Counts up with every micro-batch of a worker: a worker that is alive moves it. */
export const PROGRESS = 4
export const FAILED = 5
export const STOP = 6
/** The program as JSON in the shared memory, which one it is, and which of its phases. */
export const PROGRAM = 7
export const PROGRAM_AT = 8
export const PROGRAM_BYTES = 9
export const PHASE = 10
/** How many threads take part. */
export const THREADS = 11
export const SAMPLES = 12
export const FIXED = 13
export const SCRATCH = 14
export const SCRATCH_BYTES = 15
export const SLOTS = 16
export const SLOT_BYTES = 17
/** Behind those above there is one for each thread. */
export const WORDS = 18

/** The word that a thread sets when it has come up, before it takes its first shard. */
export const upAt = (thread: number): number => WORDS + thread

/** How many words there are for so many threads. */
export const wordsOf = (threads: number): number => WORDS + threads

/** In place of a shard: there is none to take. */
export const CLOSED = 255

/** NEXT for shard `shard` of a generation. */
export function ticket(generation: number, shard: number): number {
  return ((generation & 0x7fffff) << 8) | shard
}

/** True while the job of this generation is the one that the words describe. */
export function isCurrent(control: Int32Array, generation: number): boolean {
  return Atomics.load(control, NEXT) >> 8 === ticket(generation, 0) >> 8
}

/** The next shard of this generation, or −1 when all are taken or another job has begun. */
export function takeShard(control: Int32Array, generation: number): number {
  for (;;) {
    const next = Atomics.load(control, NEXT)
    const shard = next & 255
    if (next !== ticket(generation, shard) || shard >= Atomics.load(control, SHARDS)) return -1
    if (Atomics.compareExchange(control, NEXT, next, next + 1) === next) return shard
  }
}

/**
 * Between two looks at a word: tells the processor that this thread only waits, so that the other one of the same core has
 * the core to itself. Engines from 2025 on know it.
 */
export const pause: () => void = (Atomics as { pause?: () => void }).pause ?? ((): void => {})
