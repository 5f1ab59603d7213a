import { examineCode } from './check.ts'
import type { Exercise } from './exercise.ts'
import type { Verdict } from './judge.ts'
import { runFile } from './run.ts'

/** Judges a learner's file; its code is ended after `limit` milliseconds. */
export async function checkFile(
  exercise: Exercise,
  file: string,
  seed: number,
  limit?: number,
): Promise<Verdict> {
  const options = limit === undefined ? {} : { limit }
  return (await examineCode(exercise, seed, (inputs) => runFile(file, inputs, options))).verdict
}
