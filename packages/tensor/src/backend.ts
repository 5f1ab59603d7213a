/** Which kernels run: plain TypeScript, or WebAssembly with (`simd`) or without (`simd-plain`) fused multiply-add. */
export type BackendName = 'reference' | 'simd' | 'simd-plain'

/** The fastest last. */
const order: readonly BackendName[] = ['reference', 'simd-plain', 'simd']
const available = new Set<BackendName>(['reference'])
let preferred: BackendName | null = null

/** The backends that this program has loaded. */
export function backends(): readonly BackendName[] {
  return order.filter((name) => available.has(name))
}

/**
 * Says that a backend's kernels are here.
 * @internal
 */
export function provideBackend(name: BackendName): void {
  available.add(name)
}

/**
 * Prefers one backend from now on, synchronously; call it before the first `forward`.
 * float64, or a shape without a kernel, still runs on `reference`.
 * @throws RangeError when that backend is not loaded.
 */
export function useBackend(name: BackendName): void {
  if (!available.has(name)) {
    throw new RangeError(`backend '${name}' is not here; available: ${backends().join(', ')}`)
  }
  preferred = name
}

/** The backend in force: the one that was chosen, else the fastest that is loaded. */
export function currentBackend(): BackendName {
  return preferred ?? backends().at(-1)!
}
