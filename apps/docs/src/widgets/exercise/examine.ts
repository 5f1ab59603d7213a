import { exercises } from '../../../../cli/src/exercises/all.ts'
import { type Examined, examineCode } from '../../../../cli/src/exercises/check.ts'
import { type Cell, cellsOf } from '../../../../cli/src/exercises/judge.ts'
import { linesOf } from '../../../../cli/src/exercises/words.ts'
import { examineOwn } from './own.ts'
import { runCode } from './sandbox.ts'

/** What is shown of code that was looked at. */
export interface Finding {
  readonly passed: boolean
  /** As the command line says it. */
  readonly lines: readonly string[]
  /** Every number of the first output that has a wrong one; null where there is none to show. */
  readonly picture: { readonly title: string; readonly cells: readonly Cell[] } | null
}

function pictureOf({ verdict: { wrong }, cases, ran }: Examined): Finding['picture'] {
  if (wrong === null || ran.kind === 'broken') return null
  const at = cases.findIndex(({ name }) => name === wrong.case)
  const call = ran.calls[at]
  if (call.kind !== 'gave') return null
  const output = wrong.where.split('[')[0]
  const title = `${output}, ${wrong.case}`
  return { title, cells: cellsOf(cases[at].expected[output], call.outputs[output]) }
}

/** Looks at code for an exercise as `handgrad exercise check` does, with the code run in the sandbox. */
export async function examine(id: string, code: string, seed: number): Promise<Finding> {
  const exercise = exercises.find((one) => one.id === id)
  // What is no exercise has no solution to be compared with: a layer of one's own.
  if (exercise === undefined) return examineOwn((inputs, name) => runCode(code, inputs, name), seed)
  const examined = await examineCode(exercise, seed, (inputs) => runCode(code, inputs))
  const { verdict } = examined
  return { passed: verdict.passed, lines: linesOf(verdict), picture: pictureOf(examined) }
}
