import { platform } from '#platform'
import { type BackendName, currentBackend } from '../backend.ts'
import { describeValue } from '../describe.ts'
import { kernelModules } from '../simd/kernels.ts'
import { Pool } from './pool.ts'

type Kernels = Exclude<BackendName, 'reference'>

let inForce = 1
const claims = new Map<Kernels, number>()
const pools = new Map<Kernels, { pool: Pool; modules: object }>()

/**
 * Computes on `n` threads from now on, the calling one included: forward, backward and every planned step, with the same
 * bits as on one. 1 unless told. Until a worker is up the calling thread does its work, and workers keep no process alive.
 * @returns how many are in force: 1 where memory cannot be shared, in a page that is not cross-origin isolated.
 * @throws RangeError when `n` is not a whole number ≥ 1.
 */
export function useThreads(n: number): number {
  if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 1)
    throw new RangeError(`useThreads: n is ${describeValue(n)}, expected a whole number ≥ 1`)
  inForce = threadsFor(n)
  const backend = currentBackend()
  if (inForce > 1 && backend !== 'reference') poolFor(backend, inForce)
  endUnused()
  return inForce
}

/**
 * Runs on `n` threads.
 * @internal
 */
export function withThreads<T>(n: number, run: () => T): T {
  const before = inForce
  inForce = threadsFor(n)
  try {
    return run()
  } finally {
    inForce = before
  }
}

/**
 * How many threads are in force.
 * @internal
 */
export function currentThreads(): number {
  return inForce
}

/**
 * How many threads there can be of `n` that are asked for.
 * @internal
 */
export function threadsFor(n: number): number {
  return platform.canShare ? n : 1
}

/**
 * The pool of a backend's kernels, with enough workers for `threads`. One that has lost a worker, or whose kernels were
 * compiled anew since, is replaced.
 * @internal
 */
export function poolFor(backend: Kernels, threads: number): Pool {
  const modules = Object.values(kernelModules(backend))[0]
  const known = pools.get(backend)
  const fits = known !== undefined && known.modules === modules
  if (known !== undefined && !fits) known.pool.close()
  const { pool } = fits ? known : { pool: new Pool(backend) }
  if (!fits) pools.set(backend, { pool, modules })
  pool.grow(threads)
  return pool
}

/**
 * Says that somebody computes on a pool until what is returned is called: its workers stay.
 * @internal
 */
export function claimPool(backend: Kernels, threads: number): () => void {
  poolFor(backend, threads)
  claims.set(backend, (claims.get(backend) ?? 0) + 1)
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    claims.set(backend, (claims.get(backend) as number) - 1)
    endUnused()
  }
}

/** Workers that nobody asks for any more end. */
function endUnused(): void {
  if (inForce > 1) return
  for (const backend of [...pools.keys()]) if ((claims.get(backend) ?? 0) === 0) endPool(backend)
}

/**
 * No worker of a backend reads a program that is gone.
 * @internal
 */
export function forgetJobs(backend: Kernels): void {
  pools.get(backend)?.pool.forget()
}

/**
 * Ends the workers of a backend; the next step that needs some starts new ones.
 * @internal
 */
export function endPool(backend: Kernels): void {
  pools.get(backend)?.pool.close()
  pools.delete(backend)
}
