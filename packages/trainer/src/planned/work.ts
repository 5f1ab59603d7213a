import { type Bases, type Kernel, type Program, Routine, shardStart } from '@handgrad/tensor'
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

/** A program on one thread's kernels. */
export interface Job {
  readonly micro: number
  readonly begin: Routine
  readonly body: Routine
}

/** A program with its kernels looked up. */
export function jobFor({ micro, begin, body }: Program, kernels: Readonly<Record<string, Kernel>>): Job {
  return { micro, begin: new Routine(begin, kernels), body: new Routine(body, kernels) }
}

const bases: Bases = { fixed: 0, scratch: 0, slot: 0 }

/**
 * Takes shards of the job at hand until there are none: what every thread does, the main one too.
 *
 * A shard's gradients go to its own slot, whoever computes it, so that their sum does not depend on the threads.
 */
export function work(
  control: Int32Array,
  { begin, body, micro }: Job,
  generation: number,
  thread: number,
): void {
  const shards = Atomics.load(control, SHARDS)
  const samples = Atomics.load(control, SAMPLES)
  const slotBytes = Atomics.load(control, SLOT_BYTES)
  const slots = Atomics.load(control, SLOTS)
  const fixed = Atomics.load(control, FIXED)
  const scratch = Atomics.load(control, SCRATCH) + thread * Atomics.load(control, SCRATCH_BYTES)
  for (let shard = takeShard(control, generation); shard >= 0; shard = takeShard(control, generation)) {
    bases.fixed = fixed
    bases.scratch = scratch
    bases.slot = slots + shard * slotBytes
    begin.run(bases, 0, 0)
    const end = shardStart(samples, shards, shard + 1)
    for (let at = shardStart(samples, shards, shard); at < end; at += micro) {
      body.run(bases, at, Math.min(micro, end - at))
      Atomics.add(control, PROGRESS, 1)
    }
    Atomics.add(control, DONE, 1)
    Atomics.notify(control, DONE)
  }
}
