import { describe, expect, it } from 'vitest'
import { exercises, written } from '../all.ts'
import { inPython, wrongInPython } from './all.ts'
import { pythonFile, pythonStub } from './file.ts'

const byId = (id: string) => exercises.find((one) => one.id === id)!

describe('exercises in Python', () => {
  it('a stub says what comes, what is wanted, and of which types', () => {
    expect(pythonStub(byId('conv2d-db'))).toBe(
      `# the gradient of the bias of a convolution (handgrad exercise check conv2d-db.py)
#
# One image, one channel: y[h][v] = Σ w[i][j] · x[h·s + i − p][v·s + j − p] + b[0], with 0 outside x.
# Give db, a list of one number.
#
# Given: x, w (float64, 2 axes), b (float64, 1 axis), dy (float64, 2 axes), s, p (int).
# To give: a dict with db (float64, 1 axis).

import numpy as np


def solve(x, w, b, dy, s, p):
    raise NotImplementedError("not written yet")
`,
    )
    const loss = pythonStub(byId('cross-entropy-forward'))
    expect(loss).toContain(
      '# Given: z (float64, 2 axes), t (int64, 1 axis).\n# To give: a dict with L (float).\n',
    )
    expect(pythonStub(byId('adam'))).toContain('g (float64, 2 axes), lr, b1, b2, eps (float).\n')
  })

  it.each(exercises.map((one) => [one.id, one] as const))(
    '%s is there, with all its mistakes',
    (_id, exercise) => {
      const { solution, mistakes, whole = [] } = inPython(exercise)
      expect(mistakes).toHaveLength(exercise.mistakes.length)
      const wrong = mistakes.map((_, i) => wrongInPython(exercise, i))
      expect(new Set([solution, ...wrong]).size).toBe(1 + mistakes.length)
      for (const one of exercise.cases(7))
        for (const name of whole) expect([one.inputs[name]].flat().every(Number.isInteger), name).toBe(true)
      expect(Object.keys(exercise.inputs)).toEqual(expect.arrayContaining([...whole]))
    },
  )

  it.each(written.map((one) => [one.id, one] as const))(
    '%s is given without its solution',
    (_id, exercise) => {
      for (const line of inPython(exercise).solution.split('\n'))
        expect(pythonStub(exercise)).not.toContain(`\n    ${line}\n`)
    },
  )

  it('a bug to find is that of the exercise in TypeScript', () => {
    const bug = byId('bug-09')
    expect(pythonStub(bug)).toBe(pythonFile(bug, wrongInPython(byId('cross-entropy-dz'), 0)))
    expect(pythonStub(bug)).toContain('    dz = (softmax - one_hot) / len(z) / len(z)\n')
    expect(bug.bug).toEqual({ of: 'cross-entropy-dz', mistake: 0 })
    expect(bug.hints.at(-1)).toBe('The mistake: you divided by N twice.')
  })
})
