import { type Exercise, withMistake } from '../exercise.ts'
import { inPython as conv2d } from './conv2d.ts'
import { inPython as elementwise } from './elementwise.ts'
import type { ByName, InPython } from './in-python.ts'
import { inPython as linear } from './linear.ts'
import { inPython as loss } from './loss.ts'
import { inPython as optimizers } from './optimizers.ts'
import { inPython as pool } from './pool.ts'

const all: ByName = { ...linear, ...elementwise, ...pool, ...conv2d, ...loss, ...optimizers }

/** An exercise in Python; one with a bug to find is that of the exercise it is made from. */
export const inPython = ({ id, bug }: Pick<Exercise, 'id' | 'bug'>): InPython => all[bug?.of ?? id]

/**
 * The solution in Python with one of the exercise's known mistakes in it.
 * @throws Error when the text is not there exactly once.
 */
export function wrongInPython(exercise: Exercise, mistake: number): string {
  const { solution, mistakes } = inPython(exercise)
  const [find, replace] = mistakes[mistake]
  return withMistake({ id: exercise.id, solution }, { says: exercise.mistakes[mistake].says, find, replace })
}
