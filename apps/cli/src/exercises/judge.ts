import type { Case, Exercise, Nested, Outputs } from './exercise.ts'
import type { Call, Ran } from './run.ts'

/** What was found wrong at first. */
export interface Wrong {
  readonly case: string
  /** `dx[1,2]` */
  readonly where: string
  readonly expected: number
  readonly got: number
  /** What a central difference of the library's forward pass says there; null where it says nothing. */
  readonly difference: number | null
}

/** The verdict on a file. */
export interface Verdict {
  readonly exercise: string
  readonly passed: boolean
  readonly cases: number
  /** In words, the most telling first. */
  readonly says: readonly string[]
  readonly wrong: Wrong | null
}

/** Sums may be added in another order: so far apart, relative to the larger one or 1, numbers count as the same. */
const TOLERANCE = 1e-9

/** Infinite ones are only the same as themselves: no tolerance is relative to infinity. */
function close(a: number, b: number, tolerance = TOLERANCE): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Object.is(a, b)
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b))
}

/** So many axes of a shape are told. */
const DEEPEST = 8

const shapeOf = (value: unknown): string => {
  const extents: number[] = []
  let inner = value
  // A list that holds itself has no end.
  while (Array.isArray(inner) && extents.length < DEEPEST) {
    extents.push(inner.length)
    inner = inner[0]
  }
  return extents.length === 0
    ? typeof inner === 'number'
      ? 'a number'
      : describe(inner)
    : `[${extents.join(', ')}]`
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}, which is no list`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A place where two nested lists differ, or how they cannot be compared. */
type Gap =
  | { readonly index: number[]; readonly expected: number; readonly got: number }
  | { readonly shape: string }

const atOf = (index: readonly number[]): string => (index.length === 0 ? '' : ` at [${index.join(',')}]`)

/** The first place, in reading order, where `got` is not `expected`; null where they agree. */
function firstGap(expected: Nested, got: unknown, index: number[] = []): Gap | null {
  if (typeof expected === 'number') {
    if (Array.isArray(got)) return { shape: `is ${shapeOf(got)}${atOf(index)}, expected a number` }
    if (typeof got !== 'number')
      return {
        shape:
          index.length === 0
            ? `is ${describe(got)}, expected a number`
            : `has ${describe(got)}${atOf(index)}, expected a number`,
      }
    return close(expected, got) ? null : { index, expected, got }
  }
  if (!Array.isArray(got) || got.length !== expected.length) {
    return { shape: `is ${shapeOf(got)}${atOf(index)}, expected ${shapeOf(expected)}` }
  }
  for (const [i, part] of expected.entries()) {
    const gap = firstGap(part, got[i], [...index, i])
    if (gap !== null) return gap
  }
  return null
}

/** One number that was given, beside the right one. */
export interface Cell {
  readonly index: readonly number[]
  readonly expected: number
  readonly got: number
  readonly right: boolean
}

const alike = (expected: Nested, got: unknown): boolean =>
  typeof expected === 'number'
    ? typeof got === 'number'
    : Array.isArray(got) && got.length === expected.length && expected.every((part, i) => alike(part, got[i]))

/** Every number of two nested lists in reading order; none where they are not of the same shape. */
export function cellsOf(expected: Nested, got: Nested, tolerance?: number): Cell[] {
  if (!alike(expected, got)) return []
  const look = (right: Nested, own: Nested, index: readonly number[]): Cell[] =>
    typeof right === 'number'
      ? [{ index, expected: right, got: own as number, right: close(right, own as number, tolerance) }]
      : right.flatMap((part, i) => look(part, (own as readonly Nested[])[i], [...index, i]))
  return look(expected, got, [])
}

const named = (output: string, index: readonly number[]): string =>
  index.length === 0 ? output : `${output}[${index.join(',')}]`

function outputsOf(call: Call): Outputs | null {
  return call.kind === 'gave' && typeof call.outputs === 'object' && call.outputs !== null
    ? call.outputs
    : null
}

/** What is wrong with one call, in words and at which number; null where nothing is. */
function wrongIn(one: Case, call: Call): { says: string; wrong: Wrong | null } | null {
  if (call.kind === 'refused') return { says: call.says, wrong: null }
  if (call.kind === 'threw') return { says: `your solve() threw: ${call.message}`, wrong: null }
  if (call.changed.length > 0)
    return { says: `your solve() changed its input ${call.changed.join(', ')}: make a copy`, wrong: null }
  const outputs = outputsOf(call)
  if (outputs === null)
    return {
      says: `your solve() gave ${describe(call.outputs)}, expected an object with ${Object.keys(one.expected).join(', ')}`,
      wrong: null,
    }
  for (const [output, expected] of Object.entries(one.expected)) {
    if (!Object.hasOwn(outputs, output)) return { says: `your solve() gave no ${output}`, wrong: null }
    const gap = firstGap(expected, outputs[output])
    if (gap === null) continue
    if ('shape' in gap) return { says: `${output} ${gap.shape}`, wrong: null }
    const slope = one.slope?.(output, gap.index) ?? Number.NaN
    const difference = Number.isNaN(slope) ? null : slope
    const where = named(output, gap.index)
    return {
      says: Number.isFinite(gap.got) ? `${where} is wrong` : `${where} is ${gap.got}`,
      wrong: { case: one.name, where, expected: gap.expected, got: gap.got, difference },
    }
  }
  return null
}

/** Whether two files gave the same for every case. */
function agree(cases: readonly Case[], a: Ran, b: Ran): boolean {
  if (a.kind === 'broken' || b.kind === 'broken') return false
  return cases.every((one, i) => {
    const [mine, theirs] = [outputsOf(a.calls[i]), outputsOf(b.calls[i])]
    if (mine === null || theirs === null) return false
    return Object.keys(one.expected).every(
      (name) => theirs[name] !== undefined && firstGap(theirs[name], mine[name]) === null,
    )
  })
}

/** A known mistake, and what code with it gives for the cases. */
export interface KnownRun {
  readonly says: string
  readonly ran: Ran
}

/** Judges what a learner's file gave, beside what known mistakes give. */
export function judge(
  { id }: Exercise,
  cases: readonly Case[],
  ran: Ran,
  known: readonly KnownRun[],
): Verdict {
  const verdict = { exercise: id, cases: cases.length }
  if (ran.kind === 'broken') return { ...verdict, passed: false, says: [ran.why], wrong: null }
  for (const [i, one] of cases.entries()) {
    const found = wrongIn(one, ran.calls[i])
    if (found === null) continue
    const mistakes =
      found.wrong === null && !found.says.includes(' is [')
        ? []
        : known.filter((mistake) => agree(cases, ran, mistake.ran))
    return {
      ...verdict,
      passed: false,
      says: [...mistakes.map(({ says }) => says), found.says],
      wrong: found.wrong,
    }
  }
  return { ...verdict, passed: true, says: [], wrong: null }
}
