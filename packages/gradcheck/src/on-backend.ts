import { type BackendName, blocksTaken, currentBackend, useBackend } from '@handgrad/tensor'

/** What an action gave, and whether any kernel ran in it: kernels work in blocks of the shared memory. */
export interface Ran<T> {
  readonly value: T
  readonly kernels: boolean
}

/**
 * Does something on one backend, and goes back to the one before.
 * @throws RangeError when that backend is not loaded.
 */
export function onBackend<T>(name: BackendName, action: () => T): Ran<T> {
  const [before, blocks] = [currentBackend(), blocksTaken()]
  useBackend(name)
  try {
    const value = action()
    return { value, kernels: blocksTaken() > blocks }
  } finally {
    useBackend(before)
  }
}
