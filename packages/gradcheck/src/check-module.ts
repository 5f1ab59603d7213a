import { type BackendName, manualSeed, type Tensor } from '@handgrad/tensor'
import { checkState } from './check-state.ts'
import { NOTHING_TESTED } from './differences/conclude.ts'
import { type GradcheckReport, gradcheck } from './differences/gradcheck.ts'
import { cast, type Tensors } from './materialize.ts'
import { type OpenModule, openModule, runModule } from './module.ts'
import { onBackend } from './on-backend.ts'
import type { Furthest, Problem } from './result.ts'
import type { ModuleCase, ModuleSpec } from './spec.ts'
import { coinciding } from './vacuity.ts'

/** Coordinates that finite differences looked at, and skipped as kinks. */
interface Counts {
  coordinates: number
  skipped: number
  furthest: Furthest | null
}

const WIDE = { backend: 'reference', dtype: 'float64' } as const

/** Everything about a module's case that needs no golden value. */
export function checkModule(
  spec: ModuleSpec,
  item: ModuleCase,
  stored: Tensors,
  on: readonly BackendName[],
  counts: Counts,
): Problem[] {
  const problems: Problem[] = []
  const extents = coinciding(item.inputs, item.equalExtents)
  if (extents !== null) problems.push({ view: 'vacuity', message: extents })
  const runs = [...on.map((backend) => ({ backend, dtype: 'float32' }) as const), WIDE]
  for (const { backend, dtype } of runs) {
    const check = (): Problem[] => checkState(spec, openModule(spec, item, stored, dtype), stored.dy, dtype)
    const found = onBackend(backend, check).value
    problems.push(...found.map(({ view, message }) => ({ view, message: `on ${backend}, ${message}` })))
  }
  problems.push(...checkDifferences(openModule(spec, item, stored, 'float64'), item, stored, counts))
  problems.push(...checkAdjoint(spec, item, stored))
  return problems
}

function checkDifferences(open: OpenModule, item: ModuleCase, stored: Tensors, counts: Counts): Problem[] {
  const empty = Object.values(open.differentiable).every(({ data }) => data.length === 0)
  if (item.noDifferences !== undefined || empty) return []
  const { share = 0.02 } = item.skip ?? {}
  const upstream = cast(stored.dy, 'float64') as Tensor
  // Gradcheck makes every pass from where the generator stands.
  if (item.seed !== undefined) manualSeed(item.seed)
  const report = gradcheck(open.module, open.inputs, { upstream, maxSkipped: share })
  counts.coordinates += report.coordinates
  counts.skipped += report.skipped
  counts.furthest = furthestOf(report)
  // A case may state that all of its coordinates are kinks.
  const stands = (message: string): boolean => share < 1 || !message.includes(NOTHING_TESTED)
  return report.problems.filter(stands).map((message) => ({ view: 'differences', message }))
}

/** The coordinate of a report where the two ways to a gradient are furthest apart. */
function furthestOf({ tensors }: GradcheckReport): Furthest | null {
  let furthest: Furthest | null = null
  for (const { name, worst } of tensors) {
    if (worst === null) continue
    const error = Math.abs(worst.analytic - worst.numeric)
    if (furthest === null || error > furthest.error) furthest = { tensor: `d${name}`, ...worst, error }
  }
  return furthest
}

function dot(a: Tensor, b: Tensor): { sum: number; size: number } {
  let [sum, size] = [0, 0]
  for (let i = 0; i < a.data.length; i++) {
    sum += a.data[i] * b.data[i]
    size += Math.abs(a.data[i] * b.data[i])
  }
  return { sum, size }
}

/** ⟨y, dy⟩ = ⟨t, dt⟩ for each t in which the module is linear, with all other parameters set to zero. */
function checkAdjoint(spec: ModuleSpec, item: ModuleCase, stored: Tensors): Problem[] {
  const linear = spec.linear ?? []
  if (linear.length === 0 || item.noDifferences !== undefined) return []
  const open = openModule(spec, item, stored, 'float64')
  for (const [name, x] of Object.entries(open.differentiable)) if (!linear.includes(name)) x.data.fill(0)
  const result = runModule(open, stored.dy)
  const left = dot(result.y, cast(stored.dy, 'float64') as Tensor)
  return linear.flatMap((name): Problem[] => {
    const x = open.differentiable[name]
    if (x === undefined) return []
    const right = dot(x, result[`d${name}`])
    const empty = left.size + right.size === 0 && x.data.length > 0
    if (empty && item.expect?.[`d${name}`] === undefined) {
      return [
        { view: 'adjoint', message: `every term of ⟨y, dy⟩ and of ⟨${name}, d${name}⟩ is 0: nothing tested` },
      ]
    }
    if (Math.abs(left.sum - right.sum) <= 1e-13 * Math.max(left.size, right.size)) return []
    return [{ view: 'adjoint', message: `⟨y, dy⟩ is ${left.sum}, but ⟨${name}, d${name}⟩ is ${right.sum}` }]
  })
}
