import type { DType, Tensor } from '@handgrad/tensor'
import { type Allowances, allowancesAt, doubleAllowances, shareOf } from './allowance.ts'
import { start } from './batches.ts'
import { compareStep, type Row } from './compare.ts'
import { hasState, type RunRecord, recordedNumber } from './record.ts'
import { type Named, Twin } from './twin.ts'

/** How far float64 tensors and losses may be from PyTorch's, of their scale, however long the run. */
const DOUBLE = 1e-10

/** How far float32 losses may be from PyTorch's, of their size, in a run that goes freely. */
const FREE = 1e-4

/** One step of a replay. */
export interface Step {
  readonly step: number
  readonly loss: number
  readonly torchLoss: number
  /** |loss − torchLoss| / |torchLoss|. */
  readonly relative: number
  /** What `relative` may be. */
  readonly allowed: number
  /** Where tensors were recorded, and can be compared: each with PyTorch's. */
  readonly rows?: readonly Row[]
}

/** True where a step's loss or one of its tensors is further from PyTorch's than is allowed. */
export function parts({ relative, allowed, rows = [] }: Step): boolean {
  return !(relative <= allowed) || rows.some(({ verdict }) => verdict === 'apart')
}

/** The first step and tensor at which a replay parts from PyTorch, in words; null where it does not. */
export function firstParting(steps: readonly Step[]): string | null {
  const step = steps.find(parts)
  if (step === undefined) return null
  const row = step.rows?.find(({ verdict }) => verdict === 'apart')
  if (row !== undefined) return `step ${step.step}, ${row.tensor} ${row.message}`
  const { loss, torchLoss, relative, allowed } = step
  return `step ${step.step}, loss: expected ${torchLoss}, got ${loss}, ${relative.toPrecision(3)} of it apart, allowed ${allowed}`
}

function stepOf(record: RunRecord, step: number, loss: number, allowed: number, rows?: readonly Row[]): Step {
  const torchLoss = recordedNumber(record, 'losses', step)
  const relative = Math.abs(loss - torchLoss) / Math.abs(torchLoss)
  return { step, loss, torchLoss, relative, allowed, ...(rows === undefined ? {} : { rows }) }
}

/**
 * Runs freely from the first step on, never looking at PyTorch's state again.
 *
 * In float64 the recorded tensors are compared on the way, to 1e-10 of their largest element; in float32 the losses are,
 * to 1e-4 of their size.
 */
export async function* runFreely(record: RunRecord, steps: number): AsyncGenerator<Step> {
  const { twin, batches } = await start(record)
  const double = record.about.dtype === 'float64'
  let t = 0
  for (const [x, y] of batches) {
    if (t >= steps) return
    twin.follow(t)
    const tensors = twin.pass(x, y)
    const compared = double && record.about.at.includes(t)
    const rows = compared ? compareWithStep(record, twin, t, tensors) : undefined
    if (!compared) twin.step()
    yield stepOf(record, t, tensors.loss.item(), double ? DOUBLE : FREE, rows)
    t++
  }
}

/** Takes each recorded step alone, from PyTorch's own state before it, and compares every tensor. */
export async function* runStepwise(
  record: RunRecord,
  steps: readonly number[] = record.about.at,
): AsyncGenerator<Step> {
  // Before the start: its weights are draws, and the batches follow those of the run.
  const twin = new Twin(record)
  const { batches } = await start(record)
  const isWanted = (t: number): boolean => steps.includes(t) && hasState(record, t)
  const last = steps.findLast(isWanted) ?? -1
  let t = 0
  for (const [x, y] of batches) {
    if (isWanted(t)) yield oneStep(record, twin, t, x, y)
    if (++t > last) return
  }
}

/** By record and step: on whatever backend, and what they cost is most of a replay. */
const known = new WeakMap<RunRecord, Map<number, Allowances>>()

function knownAllowances(record: RunRecord, t: number, x: Tensor, y: Tensor<DType>): Allowances {
  const own = known.get(record) ?? new Map<number, Allowances>()
  const allowances = own.get(t) ?? allowancesAt(record, t, x, y)
  known.set(record, own.set(t, allowances))
  return allowances
}

function oneStep(record: RunRecord, twin: Twin, t: number, x: Tensor, y: Tensor<DType>): Step {
  const allowances = record.about.dtype === 'float64' ? undefined : knownAllowances(record, t, x, y)
  twin.restore(t)
  const tensors = twin.pass(x, y)
  const loss = tensors.loss.item()
  return stepOf(record, t, loss, Infinity, compareWithStep(record, twin, t, tensors, allowances))
}

/** Takes the optimizer's step after a pass, and compares all that was recorded. */
function compareWithStep(
  record: RunRecord,
  twin: Twin,
  t: number,
  tensors: Named,
  given?: Allowances,
): readonly Row[] {
  const during = given ?? doubleAllowances(twin, tensors, DOUBLE)
  const after = twin.step()
  const allowances = given ?? { ...during, ...shareOf(after, DOUBLE) }
  return compareStep(record, t, { ...tensors, ...after }, allowances)
}
