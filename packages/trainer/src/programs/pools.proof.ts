import type { BackendName } from '@handgrad/tensor'
import { Pool } from '../planned/pool.ts'

type Kernels = Exclude<BackendName, 'reference'>

const pools = new Map<string, Pool>()

/** The one pool of so many threads with the kernels of a backend: starting threads anew takes longer than a network. */
export function poolOf(backend: Kernels, threads: number): Pool {
  const key = `${backend} ${threads}`
  const pool = pools.get(key) ?? new Pool(threads, backend)
  pools.set(key, pool)
  return pool
}

/** Waits until all workers of these pools are up: until then the calling thread does their work. */
export async function poolsReady(): Promise<void> {
  while ([...pools.values()].some(({ ready, threads }) => ready < threads - 1)) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Ends all workers. */
export function closePools(): void {
  for (const pool of pools.values()) pool.close()
  pools.clear()
}
