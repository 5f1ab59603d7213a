import { drawn } from '../../../../cli/src/exercises/cases.ts'
import type { Inputs, Nested } from '../../../../cli/src/exercises/exercise.ts'
import { cellsOf } from '../../../../cli/src/exercises/judge.ts'
import type { Ran } from '../../../../cli/src/exercises/run.ts'
import type { Finding } from './examine.ts'

/** Calls one of the functions that some code exports, with each of the inputs. */
export type Run = (inputs: readonly Inputs[], name: string) => Promise<Ran>

const SHAPE = [3, 4]
/** Half the distance of the two points of a difference. */
const EPS = 1e-5
/** Differences are exact to about EPS² and the rounding of the outputs over EPS. */
const TOLERANCE = 1e-6
/** Slopes to the right and to the left that are further apart are those of a kink. */
const KINK = 1e-3

const failed = (...lines: string[]): Finding => ({ passed: false, lines, picture: null })

/** All numbers, in reading order. */
const flat = (value: Nested): number[] => (typeof value === 'number' ? [value] : value.flatMap(flat))

/** The extents, or null where the lists are no tensor: of different lengths, or of something that is no number. */
function shapeOf(value: unknown): number[] | null {
  if (typeof value === 'number') return []
  if (!Array.isArray(value) || value.length === 0) return null
  const [first, ...others] = value.map(shapeOf)
  if (first === null || others.some((one) => one?.join() !== first.join())) return null
  return [value.length, ...first]
}

/** What is wrong with how a function was called; null where it gave something for all inputs and changed none. */
function wrongCall(ran: Ran, name: string): string | null {
  if (ran.kind === 'broken') return ran.why
  for (const call of ran.calls) {
    if (call.kind === 'threw') return `your ${name}() threw: ${call.message}`
    if (call.kind === 'refused') return call.says
    if (call.changed.length > 0)
      return `your ${name}() changed its input ${call.changed.join(', ')}: make a copy`
  }
  return null
}

const outputsOf = (ran: Ran): unknown[] =>
  ran.kind === 'broken' ? [] : ran.calls.map((call) => (call.kind === 'gave' ? call.outputs : null))

/** x with one number moved. */
function moved(x: readonly number[], at: number, by: number): Nested {
  const numbers = x.map((value, i) => (i === at ? value + by : value))
  const [rows, columns] = SHAPE
  return Array.from({ length: rows }, (_, row) => numbers.slice(row * columns, (row + 1) * columns))
}

/** Slopes of Σ dy·y by each number of x, from the outputs at x and at both sides of it; NaN at a kink. */
function slopesOf(outputs: readonly number[][], dy: readonly number[]): number[] {
  const losses = outputs.map((y) => y.reduce((sum, value, i) => sum + value * dy[i], 0))
  const [here, ...sides] = losses
  return Array.from({ length: sides.length / 2 }, (_, i) => {
    const [above, below] = [sides[2 * i], sides[2 * i + 1]]
    const [right, left] = [(above - here) / EPS, (here - below) / EPS]
    const slope = (right + left) / 2
    return Math.abs(right - left) > KINK * Math.max(1, Math.abs(slope)) ? Number.NaN : slope
  })
}

/**
 * Looks at a layer of one's own: `bwd({ x, dy })` is compared with central differences of its own `forward({ x })`, on numbers drawn
 * from a seed.
 */
export async function examineOwn(run: Run, seed: number): Promise<Finding> {
  const x = Array.from(drawn(SHAPE, seed).data)
  const sides = x.flatMap((_, i) => [moved(x, i, EPS), moved(x, i, -EPS)])
  const here = moved(x, 0, 0)
  const forward = await run(
    [here, ...sides].map((own) => ({ x: own })),
    'forward',
  )
  const problem = wrongCall(forward, 'forward')
  if (problem !== null) return failed(`own: ${problem}`)
  const outputs = outputsOf(forward)
  const shape = shapeOf(outputs[0])
  if (shape === null || outputs.some((y) => shapeOf(y)?.join() !== shape.join()))
    return failed('own: your forward() must give a number or lists of numbers, of the same shape for every x')
  const dy = drawn(shape, seed + 100)
  const back = await run([{ x: here, dy: dy.toArray() }], 'bwd')
  const told = wrongCall(back, 'bwd')
  if (told !== null) return failed(`own: ${told}`)
  const [dx] = outputsOf(back)
  if (shapeOf(dx)?.join() !== SHAPE.join())
    return failed(`own: your bwd() must give dx in the shape of x, [${SHAPE.join(', ')}]`)
  const slopes = slopesOf(
    outputs.map((y) => flat(y as Nested)),
    Array.from(dy.data),
  )
  return judged(dx as Nested, slopes)
}

function judged(dx: Nested, slopes: readonly number[]): Finding {
  const kinks = slopes.filter(Number.isNaN).length
  const skipped =
    kinks === 0 ? [] : [`  ${kinks} of ${slopes.length} numbers were skipped: there is a kink at them`]
  if (kinks === slopes.length) return failed('own: nothing was tested', ...skipped)
  // At a kink, what was given stands for itself.
  const given = flat(dx)
  const expected = moved(
    slopes.map((slope, i) => (Number.isNaN(slope) ? given[i] : slope)),
    0,
    0,
  )
  const cells = cellsOf(expected, dx, TOLERANCE)
  const first = cells.find(({ right }) => !right)
  if (first === undefined)
    return {
      passed: true,
      lines: [`own: right, in ${slopes.length - kinks} numbers`, ...skipped],
      picture: null,
    }
  const lines = [
    `own: dx[${first.index.join(',')}] is wrong`,
    `  a central difference of your forward() gives ${first.expected.toPrecision(6)}, your bwd() ${first.got}`,
    ...skipped,
  ]
  return { passed: false, lines, picture: { title: 'dx', cells } }
}
