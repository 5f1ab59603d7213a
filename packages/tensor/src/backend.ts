import { describeValue } from './describe.ts'

/** Which kernels run: plain TypeScript, or WebAssembly with (`simd`) or without (`simd-plain`) fused multiply-add. */
export type BackendName = 'reference' | 'simd' | 'simd-plain'

/** The fastest last. */
const order: readonly BackendName[] = ['reference', 'simd-plain', 'simd']
/** What keeps a backend from running here, in words; null where nothing does. */
const checks = new Map<BackendName, () => string | null>([['reference', () => null]])
const found = new Map<BackendName, string | null>()
let preferred: BackendName | null = null

/** What keeps a backend from running; looked up when it is first asked for, for an import must not fail. */
function obstacle(name: BackendName): string | null {
  const known = found.get(name)
  if (known !== undefined) return known
  const now = checks.get(name)?.() ?? (checks.has(name) ? null : 'no package with its kernels is loaded')
  found.set(name, now)
  return now
}

/** The backends that can be used: those whose kernels this program has loaded, and this machine runs. */
export function backends(): readonly BackendName[] {
  return order.filter((name) => obstacle(name) === null)
}

/**
 * Says that a backend's kernels are here. `check` is asked later, and again when more kernels have come.
 * @internal
 */
export function provideBackend(name: BackendName, check: () => string | null): void {
  checks.set(name, check)
  found.clear()
}

/**
 * Prefers one backend from now on, synchronously; call it before the first `forward`.
 * float64, or a shape without a kernel, still runs on `reference`.
 * @throws RangeError when that backend cannot be used.
 */
export function useBackend(name: BackendName): void {
  const why = order.includes(name) ? obstacle(name) : 'there is none of that name'
  if (why !== null) {
    throw new RangeError(
      `backend ${describeValue(name)} is not here; available: ${backends().join(', ')} (${why})`,
    )
  }
  preferred = name
}

/** The backend in force: the one that was chosen, else the fastest that can be used. */
export function currentBackend(): BackendName {
  return preferred ?? order.findLast((name) => obstacle(name) === null)!
}
