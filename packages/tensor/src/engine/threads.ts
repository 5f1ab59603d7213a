import { platform } from '#platform'
import { type BackendName, currentBackend } from '../backend.ts'
import { describeValue } from '../describe.ts'
import { kernelModules } from '../simd/kernels.ts'
import { providePools, setThreads } from './in-force.ts'
import { MOST_THREADS, Pool } from './pool.ts'

type Kernels = Exclude<BackendName, 'reference'>

/** Who computes on a backend's pool, and on those that take its place. */
interface Claim {
  readonly backend: Kernels
  readonly warn: (text: string) => void
}

/** What `useThreads` was asked for. */
let asked = 1
const claims = new Set<Claim>()
const pools = new Map<Kernels, Pool>()

/**
 * Computes on `n` threads from now on, the calling one included: forward, backward and every planned step, with the same
 * bits as on one. 1 unless told. Until a worker is up the calling thread does its work, and workers keep no process alive.
 * @returns how many are in force: 1 where memory cannot be shared, in a page that is not cross-origin isolated.
 * @throws RangeError when `n` is not a whole number ≥ 1.
 */
export function useThreads(n: number): number {
  if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 1)
    throw new RangeError(`useThreads: n is ${describeValue(n)}, expected a whole number ≥ 1`)
  providePools({ poolFor, forgetJobs, endPool })
  asked = threadsFor(n)
  setThreads(asked)
  const backend = currentBackend()
  if (asked > 1 && backend !== 'reference') for (const text of poolFor(backend, asked).said) warnOnce(text)
  endUnused()
  return asked
}

let hasWarned = false
function warnOnce(text: string): void {
  if (!hasWarned) console.warn(`handgrad: ${text}`)
  hasWarned = true
}

function tell(backend: Kernels, text: string): void {
  for (const claim of claims) if (claim.backend === backend) claim.warn(text)
  if (asked > 1) warnOnce(text)
}

/**
 * Runs on `n` threads.
 * @internal
 */
export function withThreads<T>(n: number, run: () => T): T {
  providePools({ poolFor, forgetJobs, endPool })
  const before = setThreads(threadsFor(n))
  try {
    return run()
  } finally {
    setThreads(before)
  }
}

/**
 * How many threads there can be of `n` that are asked for.
 * @internal
 */
export function threadsFor(n: number): number {
  return platform.canShare ? Math.min(n, MOST_THREADS) : 1
}

/**
 * The pool of a backend's kernels, with enough workers for `threads`. One whose kernels are not all that there are, or
 * were compiled anew since, is replaced.
 * @internal
 */
export function poolFor(backend: Kernels, threads: number): Pool {
  const modules = kernelModules(backend)
  if (pools.get(backend)?.modules !== modules) endPool(backend)
  const pool = pools.get(backend) ?? new Pool(modules, (text) => tell(backend, text))
  pools.set(backend, pool)
  pool.grow(threads)
  return pool
}

/**
 * Says that somebody computes on a pool until what is returned is called: its workers stay, and `warn` hears of those that do
 * not come up.
 * @internal
 */
export function claimPool(backend: Kernels, threads: number, warn: (text: string) => void): () => void {
  providePools({ poolFor, forgetJobs, endPool })
  const claim = { backend, warn }
  for (const text of poolFor(backend, threads).said) warn(text)
  claims.add(claim)
  return () => {
    if (claims.delete(claim)) endUnused()
  }
}

/** Workers that nobody asks for any more end. */
function endUnused(): void {
  if (asked > 1) return
  const claimed = new Set([...claims].map(({ backend }) => backend))
  for (const backend of pools.keys()) if (!claimed.has(backend)) endPool(backend)
}

/**
 * No worker of a backend reads a program that is gone.
 * @internal
 */
export function forgetJobs(backend: Kernels): void {
  pools.get(backend)?.forget()
}

/**
 * Ends the workers of a backend; the next step that needs some starts new ones.
 * @internal
 */
export function endPool(backend: Kernels): void {
  pools.get(backend)?.close()
  pools.delete(backend)
}
