import type { BackendName, FloatDType, Tensor } from '@handgrad/tensor'
import { type Allowance, allowanceOf, largest } from './allowance.ts'
import type { GoldenBounds } from './check-equations.ts'
import { findWorst, formatWorst, maxError } from './compare.ts'
import type { Bounds } from './equations/bounds.ts'
import { histogramOf } from './histogram.ts'
import type { Tensors } from './materialize.ts'
import { onBackend } from './on-backend.ts'
import type { Measure, Problem } from './result.ts'
import { runCase } from './run.ts'
import type { Spec } from './spec.ts'
import { UNIT, ulp } from './ulp.ts'
import { vacuity } from './vacuity.ts'

/** Our float32 error may be this many times torch's. */
const WORST_RATIO = 4

/** What is compared for one golden tensor. */
interface Comparison {
  readonly name: string
  readonly truth: Tensor
  readonly torch: Tensor
  readonly bounds: (Bounds & { from: number }) | undefined
  /** Whether 0 and −0 differ. */
  readonly exact: boolean
}

function measure({ name, torch, truth, bounds }: Comparison, backend: BackendName, ours: Tensor): Measure {
  const floor = UNIT.float32 * (bounds?.size ?? largest(truth))
  const [our, their] = [maxError(ours.data, truth.data), maxError(torch.data, truth.data)]
  const ratio = Math.max(our, floor) / Math.max(their, floor)
  const unit = ulp(Math.fround(largest(truth)), 'float32')
  return {
    tensor: name,
    backend,
    ours: our,
    torch: their,
    floor,
    ratio: Number.isNaN(ratio) ? 1 : ratio,
    ulps: our / unit,
    torchUlps: their / unit,
    histograms: {
      ours: histogramOf(ours.data, truth.data),
      torch: histogramOf(torch.data, truth.data),
    },
  }
}

function compare(
  { name, truth, exact }: Comparison,
  got: Tensor | undefined,
  allowed: Allowance,
  { dtype, backend }: Run,
): Problem[] {
  const what = `${dtype} on ${backend}, ${name}`
  if (got === undefined) return [{ view: 'golden', message: `${what}: torch has it, the run gave none` }]
  const worst = findWorst(got, truth, allowed, dtype, exact)
  return worst === null ? [] : [{ view: 'golden', message: `${what} ${formatWorst(worst)}` }]
}

/** One run of a case. */
interface Run {
  readonly dtype: FloatDType
  readonly backend: BackendName
  readonly result: Readonly<Record<string, Tensor>>
}

/** What the comparisons of a case leave behind. */
export interface GoldenFindings {
  measures: Measure[]
  /** The backends on which kernels really ran. */
  onKernels: BackendName[]
}

/** float32 on every backend; float64 on `reference`, which is its only one. */
function runsOf(
  spec: Spec,
  item: Spec['cases'][number],
  stored: Tensors,
  on: readonly BackendName[],
  found: GoldenFindings,
): Run[] {
  const run = (backend: BackendName, dtype: FloatDType): Run => {
    const { value, kernels } = onBackend(backend, () => runCase(spec, item, stored, dtype))
    if (kernels) found.onKernels.push(backend)
    return { dtype, backend, result: value }
  }
  const narrow = on.map((backend) => run(backend, 'float32'))
  return on.includes('reference') ? [...narrow, run('reference', 'float64')] : narrow
}

/** Torch's float32 is what ours is measured by, so it has to be one: as near to the truth as its roundings allow. */
function ofTorch({ name, truth, torch, exact }: Comparison, allowed: Allowance): Problem[] {
  const worst = findWorst(torch, truth, allowed, 'float32', exact)
  if (worst === null) return []
  return [{ view: 'fixture', message: `torch's own float32, ${name} ${formatWorst(worst)}` }]
}

function tooFar(measured: Measure): Problem[] {
  if (measured.ratio <= WORST_RATIO) return []
  const times = measured.ratio.toFixed(1)
  const what = `float32 on ${measured.backend}, ${measured.tensor}`
  return [{ view: 'golden', message: `${what} is ${times} times as far from the truth as torch's` }]
}

/** Compares the case's runs with torch's float64, each within what its roundings allow. */
export function checkGoldens(
  spec: Spec,
  item: Spec['cases'][number],
  { stored, golden, bounds }: { stored: Tensors; golden: Tensors; bounds: GoldenBounds },
  on: readonly BackendName[],
  found: GoldenFindings,
): Problem[] {
  const runs = runsOf(spec, item, stored, on, found)
  const names = Object.keys(golden)
    .filter((key) => key.startsWith('float64/'))
    .map((key) => key.slice('float64/'.length))
  if (names.length === 0) return [{ view: 'vacuity', message: 'the case has no golden tensor' }]
  return names.flatMap((name) => {
    const [truth, torch] = [golden[`float64/${name}`], golden[`float32/${name}`]] as [Tensor, Tensor]
    // mutant: logical `spec.kind === 'module' && spec.exact === true` → `(spec.exact === true)` is equivalent because only a module says that nothing rounds
    const exact = spec.kind === 'module' && spec.exact === true
    const comparison = { name, truth, torch, bounds: bounds.get(name), exact }
    const allowed = {
      float32: allowanceOf(spec, item, comparison, 'float32'),
      float64: allowanceOf(spec, item, comparison, 'float64'),
    }
    const problems = runs.flatMap((run): Problem[] => {
      const got = run.result[name]
      const apart = compare(comparison, got, allowed[run.dtype], run)
      if (got === undefined || run.dtype === 'float64') return apart
      const measured = measure(comparison, run.backend, got)
      found.measures.push(measured)
      return [...apart, ...tooFar(measured)]
    })
    // Where equations should give bounds and do not, that is said already.
    if (comparison.bounds !== undefined || spec.kind === 'schedule')
      problems.push(...ofTorch(comparison, allowed.float32))
    if (spec.kind === 'module' && !name.startsWith('d')) return problems
    const empty = vacuity(name, truth, allowed.float32, item.expect)
    return empty === null ? problems : [...problems, { view: 'vacuity', message: empty }]
  })
}
