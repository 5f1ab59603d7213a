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
 * Changes arrays of one length by what a gradient of that length says, element by element, stretch after stretch: `run` gets a
 * number of floats, a multiple of 4, and where those of the gradient and of each array lie. Nothing is held between two calls.
 * @internal
 */
export function elementwise(
  gradient: Float32Array,
  changed: readonly Float32Array[],
  run: (floats: number, gradient: number, places: readonly number[]) => void,
): void {
  const { length } = gradient
  const room = STRETCH * 4
  const base = workspace((changed.length + 1) * room)
  const places = changed.map((_, i) => base + (i + 1) * room)
  for (let from = 0; from < length; from += STRETCH) {
    const to = Math.min(length, from + STRETCH)
    // A view takes its time: most parameters are one stretch.
    const part = (array: Float32Array): Float32Array => (length > STRETCH ? array.subarray(from, to) : array)
    const views = changed.map((_, i) => workspaceFloats((i + 1) * room, to - from))
    workspaceFloats(0, to - from).set(part(gradient))
    changed.forEach((array, i) => views[i].set(part(array)))
    run(Math.ceil((to - from) / 4) * 4, base, places)
    changed.forEach((array, i) => array.set(views[i], from))
  }
}
