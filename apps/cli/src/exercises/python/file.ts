import type { Exercise } from '../exercise.ts'
import { inPython, wrongInPython } from './all.ts'

const NOT_WRITTEN = 'raise NotImplementedError("not written yet")'

function typeOf(type: string, isWhole: boolean): string {
  const axes = type.split('[]').length - 1
  if (axes === 0) return isWhole ? 'int' : 'float'
  return `${isWhole ? 'int64' : 'float64'}, ${axes} ${axes === 1 ? 'axis' : 'axes'}`
}

/** `x, w (float64, 2 axes), b (float64, 1 axis)` */
function namesWithTypes(types: Readonly<Record<string, string>>, whole: readonly string[] = []): string {
  const entries = Object.entries(types).map(([name, type]) => [name, typeOf(type, whole.includes(name))])
  return entries
    .map(([name, type], i) => (type === entries[i + 1]?.[1] ? name : `${name} (${type})`))
    .join(', ')
}

/** A whole Python file around a body. */
export function pythonFile(exercise: Exercise, body: string): string {
  const { id, title, task, inputs, outputs } = exercise
  const comment = [
    `${title} (handgrad exercise check ${id}.py)`,
    '',
    ...task.split('\n'),
    '',
    `Given: ${namesWithTypes(inputs, inPython(exercise).whole)}.`,
    `To give: a dict with ${namesWithTypes(outputs)}.`,
  ]
  return [
    ...comment.map((line) => `# ${line}`.trimEnd()),
    '',
    'import numpy as np',
    '',
    '',
    `def solve(${Object.keys(inputs).join(', ')}):`,
    ...body.split('\n').map((line) => `    ${line}`),
    '',
  ].join('\n')
}

/** The Python file that a learner starts from. */
export const pythonStub = (exercise: Exercise): string =>
  pythonFile(
    exercise,
    exercise.bug === undefined ? NOT_WRITTEN : wrongInPython(exercise, exercise.bug.mistake),
  )
