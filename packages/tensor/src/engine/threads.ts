import { platform } from '#platform'
import { type BackendName, currentBackend } from '../backend.ts'
import { describeValue } from '../describe.ts'
import { kernelModules } from '../simd/kernels.ts'
import { MOST_THREADS, Pool } from './pool.ts'

type Kernels = Exclude<BackendName, 'reference'>

let inForce = 1
/** Who hears of workers that do not come up: of one pool, and of those that take its place. */
const listeners = new Map<Kernels, Set<(text: string) => void>>()
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
  if (inForce > 1 && backend !== 'reference') listenTo(backend, inForce, warnOnce)
  endUnused()
  return inForce
}

let hasWarned = false
const warnOnce = (text: string): void => {
  if (!hasWarned) console.warn(`handgrad: ${text}`)
  hasWarned = true
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
  return platform.canShare ? Math.min(n, MOST_THREADS) : 1
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
  const { pool } = fits ? known : { pool: new Pool(kernelModules(backend)) }
  if (!fits) {
    pools.set(backend, { pool, modules })
    for (const listen of listeners.get(backend) ?? []) pool.hear(listen)
  }
  pool.grow(threads)
  return pool
}

/**
 * Says that somebody computes on a pool until what is returned is called: its workers stay, and `warn` hears of those that do
 * not come up.
 * @internal
 */
export function claimPool(backend: Kernels, threads: number, warn: (text: string) => void): () => void {
  const end = listenTo(backend, threads, warn)
  claims.set(backend, (claims.get(backend) ?? 0) + 1)
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    end()
    claims.set(backend, (claims.get(backend) as number) - 1)
    endUnused()
  }
}

function listenTo(backend: Kernels, threads: number, listen: (text: string) => void): () => void {
  const all = listeners.get(backend) ?? new Set()
  listeners.set(backend, all)
  all.delete(listen)
  const end = poolFor(backend, threads).hear(listen)
  all.add(listen)
  return () => {
    all.delete(listen)
    end()
  }
}

/** Workers that nobody asks for any more end. */
function endUnused(): void {
  if (inForce > 1) return
  for (const backend of pools.keys()) if ((claims.get(backend) ?? 0) === 0) endPool(backend)
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
