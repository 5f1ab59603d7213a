import { type Case, type Exercise, fileOf, type Inputs, withMistake } from './exercise.ts'
import { judge, type KnownRun, type Verdict } from './judge.ts'
import { type Ran, runFile } from './run.ts'

/** Runs a body of ours, a solution or a known mistake, in this thread. */
export async function runOurs(exercise: Exercise, body: string, inputs: readonly Inputs[]): Promise<Ran> {
  const text = encodeURIComponent(fileOf(exercise, body, false))
  const { solve } = (await import(`data:text/javascript,${text}`)) as { solve: (inputs: Inputs) => never }
  return {
    kind: 'ran',
    calls: inputs.map((own) => ({ kind: 'gave', outputs: solve(structuredClone(own)), changed: [] })),
  }
}

/** What each of an exercise's known mistakes gives. */
export function knownRuns(exercise: Exercise, inputs: readonly Inputs[]): Promise<KnownRun[]> {
  return Promise.all(
    exercise.mistakes.map(async (mistake) => ({
      says: mistake.says,
      ran: await runOurs(exercise, withMistake(exercise, mistake), inputs),
    })),
  )
}

export const inputsOf = (cases: readonly Case[]): Inputs[] => cases.map(({ inputs }) => inputs)

/**
 * Judges a learner's file against the library, and where it is wrong against the known mistakes. Of an exercise to find a bug in,
 * the mistake is not named: that is its hint.
 */
export async function checkFile(
  exercise: Exercise,
  file: string,
  seed: number,
  limit?: number,
): Promise<Verdict> {
  const cases = exercise.cases(seed)
  const inputs = inputsOf(cases)
  const ran = await runFile(file, inputs, limit)
  const alone = judge(exercise, cases, ran, [])
  if (alone.passed || ran.kind === 'broken' || exercise.broken !== undefined) return alone
  return judge(exercise, cases, ran, await knownRuns(exercise, inputs))
}
