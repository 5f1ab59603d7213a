import { overridesKernel } from '@handgrad/tensor'
import type { Layer } from './layer.ts'

/**
 * True where someone has overridden the mathematics of a layer or container, and not its kernels: its own code runs then.
 * @internal
 */
export function runsOwnCode(layer: Layer): boolean {
  return overridesKernel(layer, [
    'forward',
    'bwd',
    'backward',
    'compute',
    'gradients',
    'plan',
    'through',
    'back',
  ])
}
