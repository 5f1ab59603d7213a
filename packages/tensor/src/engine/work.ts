import {
  DONE,
  FIXED,
  PROGRESS,
  SAMPLES,
  SCRATCH,
  SCRATCH_BYTES,
  SHARDS,
  SLOT_BYTES,
  SLOTS,
  takeShard,
} from './control.ts'
import { type Job, runShard, shardStart } from './program.ts'

/**
 * Takes shards of the job at hand until there are none: what every thread does, the calling one too.
 *
 * What a shard adds up goes to its own slot, whoever computes it, so that the sum does not depend on the threads.
 */
export function work(control: Int32Array, job: Job, generation: number, thread: number): void {
  const shards = Atomics.load(control, SHARDS)
  const samples = Atomics.load(control, SAMPLES)
  const slotBytes = Atomics.load(control, SLOT_BYTES)
  const slots = Atomics.load(control, SLOTS)
  const fixed = Atomics.load(control, FIXED)
  const scratch = Atomics.load(control, SCRATCH) + thread * Atomics.load(control, SCRATCH_BYTES)
  const moved = (): void => void Atomics.add(control, PROGRESS, 1)
  for (let shard = takeShard(control, generation); shard >= 0; shard = takeShard(control, generation)) {
    const bases = { fixed, scratch, slot: slots + shard * slotBytes }
    runShard(job, bases, shardStart(samples, shards, shard), shardStart(samples, shards, shard + 1), moved)
    Atomics.add(control, DONE, 1)
    Atomics.notify(control, DONE)
  }
}
