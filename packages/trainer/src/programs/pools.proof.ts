import type { BackendName } from '@handgrad/tensor'
import { Pool } from '../planned/pool.ts'

/** Backends with kernels. */
export type Kernels = Exclude<BackendName, 'reference'>

const pools = new Map<string, Pool>()

/** The one pool of so many threads with the kernels of a backend: starting threads anew takes longer than a network. */
export function poolOf(backend: Kernels, threads: number): Pool {
  const key = `${backend} ${threads}`
  const pool = pools.get(key) ?? new Pool(threads, backend)
  pools.set(key, pool)
  return pool
}

/** Starts the pools of 2, 3 and 8 threads; until a worker is up the calling thread does its work, so that is waited for. */
export async function startPools(): Promise<void> {
  for (const backend of ['simd', 'simd-plain'] as const)
    for (const threads of [2, 3, 8]) poolOf(backend, threads)
  while ([...pools.values()].some(({ ready, threads }) => ready < threads - 1)) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Ends all workers. */
export function closePools(): void {
  for (const pool of pools.values()) pool.close()
  pools.clear()
}
