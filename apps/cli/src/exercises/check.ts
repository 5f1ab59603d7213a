import { type Case, type Exercise, fileOf, type Inputs, withMistake } from './exercise.ts'
import { judge, type KnownRun, type Verdict } from './judge.ts'
import type { Ran } from './run.ts'

/** Runs a body of ours, a solution or a known mistake, in this thread. */
export async function runOurs(exercise: Exercise, body: string, inputs: readonly Inputs[]): Promise<Ran> {
  const text = encodeURIComponent(fileOf(exercise, body, false))
  const { solve } = (await import(/* @vite-ignore */ `data:text/javascript,${text}`)) as {
    solve: (inputs: Inputs) => never
  }
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

/** A verdict, with the cases and what came of them. */
export interface Examined {
  readonly verdict: Verdict
  readonly cases: readonly Case[]
  readonly ran: Ran
}

/**
 * Judges a learner's code, called by `run`, against the library, and where it is wrong against the known mistakes. Of an exercise to
 * find a bug in, the mistake is not named: that is its hint.
 */
export async function examineCode(
  exercise: Exercise,
  seed: number,
  run: (inputs: readonly Inputs[]) => Promise<Ran>,
): Promise<Examined> {
  const cases = exercise.cases(seed)
  const inputs = inputsOf(cases)
  const ran = await run(inputs)
  const alone = judge(exercise, cases, ran, [])
  if (alone.passed || ran.kind === 'broken' || exercise.broken !== undefined)
    return { verdict: alone, cases, ran }
  return { verdict: judge(exercise, cases, ran, await knownRuns(exercise, inputs)), cases, ran }
}
