import { currentKernels, type Kernel, registerKernels, workspace, workspaceFloats } from '@handgrad/tensor'
import { fused, plain } from './kernels.generated.ts'

registerKernels('loss-optim', { fused, plain })

/**
 * What a kernel of this package is called among all. Whoever names one brings along the line above that makes it known:
 * a bundle leaves a module out of which nothing is used.
 * @internal
 */
export const kernelName = (name: string): string => `loss-optim/${name}`

/** Floats of an array that are in work together: all arrays of a step stay in the second cache. */
const STRETCH = 8192

/**
 * The kernels of the backend in force, this package's among them; null on `reference`.
 * @internal
 */
export function ownKernels(): Readonly<Record<string, Kernel>> | null {
  return currentKernels()
}

/**
 * Changes arrays of one length, element by element, stretch after stretch: `run` gets a number of floats, a multiple of 4,
 * and where those of each array lie. Nothing is held between two calls.
 * @internal
 */
export function elementwise(
  arrays: readonly Float32Array[],
  run: (floats: number, places: readonly number[]) => void,
): void {
  const [{ length }] = arrays
  const room = STRETCH * 4
  const base = workspace(arrays.length * room)
  const places = arrays.map((_, i) => base + i * room)
  for (let from = 0; from < length; from += STRETCH) {
    const to = Math.min(length, from + STRETCH)
    const views = arrays.map((_, i) => workspaceFloats(i * room, to - from))
    arrays.forEach((array, i) => views[i].set(array.subarray(from, to)))
    run(Math.ceil((to - from) / 4) * 4, places)
    arrays.forEach((array, i) => array.set(views[i], from))
  }
}
