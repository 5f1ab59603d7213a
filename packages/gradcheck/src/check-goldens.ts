import type { FloatDType, Tensor } from '@handgrad/tensor'
import { findWorst, formatWorst, maxError } from './compare.ts'
import type { Tensors } from './materialize.ts'
import type { Measure, Problem } from './result.ts'
import { runCase } from './run.ts'
import type { Spec } from './spec.ts'
import { UNIT, ulp } from './ulp.ts'
import { vacuity } from './vacuity.ts'

function scaleOf(truth: Tensor): number {
  let scale = 0
  for (const value of truth.data) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value))
  return scale
}

function compare(
  name: string,
  got: Tensor | undefined,
  truth: Tensor,
  allowed: number,
  dtype: FloatDType,
): Problem[] {
  if (got === undefined)
    return [{ view: 'golden', message: `${dtype} ${name}: torch has it, the run gave none` }]
  const worst = findWorst(got, truth, () => allowed, dtype)
  return worst === null ? [] : [{ view: 'golden', message: `${dtype} ${name} ${formatWorst(worst)}` }]
}

/** Compares a run in float32 and one in float64 with torch's. */
export function checkGoldens(
  spec: Spec,
  item: Spec['cases'][number],
  stored: Tensors,
  golden: Tensors,
  measures: Measure[],
): Problem[] {
  const ours = {
    float32: runCase(spec, item, stored, 'float32'),
    float64: runCase(spec, item, stored, 'float64'),
  }
  const names = Object.keys(golden)
    .filter((key) => key.startsWith('float64/'))
    .map((key) => key.slice('float64/'.length))
  const problems: Problem[] = []
  if (names.length === 0) problems.push({ view: 'vacuity', message: 'the case has no golden tensor' })
  for (const name of names) {
    const truth = golden[`float64/${name}`] as Tensor
    const torch = golden[`float32/${name}`] as Tensor
    const scale = scaleOf(truth)
    const torchError = maxError(torch.data, truth.data)
    const allowed = { float32: 4 * torchError + 1e-6 * scale, float64: 1e-12 * scale }
    for (const dtype of ['float32', 'float64'] as const) {
      problems.push(...compare(name, ours[dtype][name], truth, allowed[dtype], dtype))
    }
    const error = maxError(ours.float32[name]!.data, truth.data)
    const floor = UNIT.float32 * scale
    measures.push({
      tensor: name,
      ours: error,
      torch: torchError,
      floor,
      ratio: Math.max(error, floor) / Math.max(torchError, floor) || 1,
      ulps: error / ulp(Math.fround(scale), 'float32'),
    })
    if (spec.kind === 'module' && !name.startsWith('d')) continue
    const empty = vacuity(name, truth, allowed.float32, item.expect)
    if (empty !== null) problems.push({ view: 'vacuity', message: empty })
  }
  return problems
}
