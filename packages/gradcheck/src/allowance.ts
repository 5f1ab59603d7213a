import type { FloatDType, Tensor } from '@handgrad/tensor'
import type { Bounds } from './equations/bounds.ts'
import type { ModuleCase, Spec } from './spec.ts'
import { SMALLEST, UNIT } from './ulp.ts'

/** A bound of first order in u, and a margin for the rest. */
const MARGIN = 1.01

/** The largest finite |x|; 0 where there is none. */
export function largest(x: Tensor): number {
  let scale = 0
  for (const value of x.data) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value))
  return scale
}

/** How far each element may be from torch's float64, which has roundings of its own; nothing where none happen. */
export type Allowance = (flat: number) => number

/** What is allowed for a golden tensor of a case in `dtype`. */
export function allowanceOf(
  spec: Spec,
  item: Spec['cases'][number],
  { bounds, truth }: { bounds: (Bounds & { from: number }) | undefined; truth: Tensor },
  dtype: FloatDType,
): Allowance {
  const scale = largest(truth)
  // Without a derivation (a schedule) everything is computed in double on both sides.
  if (bounds === undefined) return () => 4 * UNIT.float64 * scale
  // The equations say nothing of infinities and NaN; what is finite beside them is held to a multiple of the largest.
  const wild =
    spec.kind === 'module' && (item as ModuleCase).noDifferences !== undefined ? 16 * UNIT[dtype] * scale : 0
  return (flat) => {
    const roundings = bounds.errors[bounds.from + flat]
    if (!(roundings > 0)) return wild
    return Math.max(MARGIN * (UNIT[dtype] + UNIT.float64) * roundings + 4 * SMALLEST[dtype], wild)
  }
}
