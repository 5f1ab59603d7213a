import { examineCode } from './check.ts'
import type { Exercise, Inputs } from './exercise.ts'
import type { Verdict } from './judge.ts'
import { runPython } from './python/run.ts'
import { type Ran, runFile } from './run.ts'

/** Judges a learner's file; its code is ended after `limit` milliseconds. */
export async function checkFile(
  exercise: Exercise,
  file: string,
  seed: number,
  limit?: number,
): Promise<Verdict> {
  const options = limit === undefined ? {} : { limit }
  const run = (inputs: readonly Inputs[]): Promise<Ran> =>
    file.endsWith('.py') ? runPython(exercise, file, inputs, options) : runFile(file, inputs, options)
  return (await examineCode(exercise, seed, run)).verdict
}
