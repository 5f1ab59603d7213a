/** Which kernels run: plain TypeScript, or WebAssembly with (`simd`) or without (`simd-plain`) fused multiply-add. */
export type BackendName = 'reference' | 'simd' | 'simd-plain'

const available = new Set<BackendName>(['reference'])
let preferred: BackendName | null = null

/** The backends that this program has loaded. */
export function backends(): readonly BackendName[] {
  return [...available]
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

/** The backend that is preferred now. */
export function currentBackend(): BackendName {
  return preferred ?? 'reference'
}
