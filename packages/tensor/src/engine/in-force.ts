import type { BackendName } from '../backend.ts'
import type { Pool } from './pool.ts'

type Kernels = Exclude<BackendName, 'reference'>

/** What runs programs on more than one thread. */
export interface Pools {
  poolFor(backend: Kernels, threads: number): Pool
  forgetJobs(backend: Kernels): void
  endPool(backend: Kernels): void
}

let pools: Pools | null = null
let inForce = 1

/**
 * Brings in what runs on many threads: a bundle that never asks for threads does not carry it.
 * @internal
 */
export function providePools(own: Pools): void {
  pools = own
}

/**
 * The pools of all backends; null where nobody has asked for threads.
 * @internal
 */
export function currentPools(): Pools | null {
  return pools
}

/**
 * How many threads are in force.
 * @internal
 */
export function currentThreads(): number {
  return inForce
}

/**
 * Puts `n` threads in force; gives how many there were.
 * @internal
 */
export function setThreads(n: number): number {
  const before = inForce
  inForce = n
  return before
}
