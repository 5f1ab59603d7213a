import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/handgrad.ts'
import { numpyLack } from '../../test/python.ts'
import { exercises, written } from '../all.ts'
import { checkFile } from '../check-file.ts'
import type { Exercise } from '../exercise.ts'
import type { Verdict } from '../judge.ts'
import { inPython, wrongInPython } from './all.ts'
import { pythonFile, pythonStub } from './file.ts'

const lack = numpyLack()
beforeEach(({ skip }) => {
  if (lack !== null) skip(lack)
})

function verdictOn(exercise: Exercise, text: string, seed = 7, limit?: number): Promise<Verdict> {
  const file = join(temporaryFolder(), `${exercise.id}.py`)
  writeFileSync(file, text)
  return checkFile(exercise, file, seed, limit)
}

describe.each(written.map((exercise) => [exercise.id, exercise] as const))('%s', (_id, exercise) => {
  it('passes with its solution, for several seeds', async () => {
    const text = pythonFile(exercise, inPython(exercise).solution)
    for (const seed of [0, 1234])
      expect(await verdictOn(exercise, text, seed)).toMatchObject({ passed: true, says: [] })
  })

  it('fails as it is given', async () => {
    const { passed, says } = await verdictOn(exercise, pythonStub(exercise))
    const raised = /^your solve\(\) raised NotImplementedError: not written yet \(line \d+\)$/
    expect({ passed, says }).toEqual({ passed: false, says: [expect.stringMatching(raised)] })
  })

  it.each(exercise.mistakes.map(({ says }, i) => [says, i] as const))('%s', async (mistake, i) => {
    const { passed, says } = await verdictOn(exercise, pythonFile(exercise, wrongInPython(exercise, i)))
    expect({ passed, named: says.slice(0, -1) }).toEqual({ passed: false, named: [mistake] })
  })
})

describe.each(exercises.filter(({ bug }) => bug !== undefined).map((one) => [one.id, one] as const))(
  '%s',
  (_id, exercise) => {
    it('fails as it is given, without a word on the mistake, and passes when it is mended', async () => {
      const { passed, says } = await verdictOn(exercise, pythonStub(exercise))
      expect({ passed, says }).toEqual({ passed: false, says: [expect.stringMatching(/ is (wrong$|\[)/)] })
      const mended = pythonFile(exercise, inPython(exercise).solution)
      expect(await verdictOn(exercise, mended)).toMatchObject({ passed: true })
    })
  },
)

describe('what a learner does wrong is named as such', () => {
  const linear = written.find(({ id }) => id === 'linear-db')!

  it.each([
    ['raise ValueError("no b")', /^your solve\(\) raised ValueError: no b \(line 13\)$/],
    ['raise ValueError', /^your solve\(\) raised ValueError \(line 13\)$/],
    ['raise ValueError("a\\n b")', /^your solve\(\) raised ValueError: a b \(line 13\)$/],
    ['import sys; sys.exit(0)', /^your solve\(\) raised SystemExit: 0 \(line 13\)$/],
    ['return np.linalg.inv(x)', /^your solve\(\) raised LinAlgError: .* square \(line 13\)$/],
    ['return 3', /^your solve\(\) gave a value of type int, expected a dict with db$/],
    ['db = 1', /^your solve\(\) gave nothing, expected a dict with db$/],
    ['return {}', /^your solve\(\) gave no db$/],
    ['return {"db": [1, 2]}', /^db is \[2\], expected \[5\]$/],
    ['return {"db": 0.5}', /^db is a number, expected \[5\]$/],
    ['return {"db": [[1], [1, 2]]}', /^your solve\(\) gave db as no array: /],
    ['return {"db": dy.sum(0) > 0}', /^your solve\(\) gave db of type bool, expected float64$/],
    ['return {"db": dy.sum(0).astype("f4")}', /^your solve\(\) gave db of type float32, expected float64$/],
    ['return {"db": b * np.nan}', /^db\[0\] is NaN$/],
    ['return {"db": None}', /^your solve\(\) gave None as db$/],
    ['dy[0, 0] = 1; return {"db": b}', /^your solve\(\) changed its input dy: make a copy \(line 13\)$/],
    ['x += 1; dy.sort()', /^your solve\(\) changed its input dy, x: make a copy \(line 13\)$/],
    ['import os; os._exit(0)', /^your code ended its process before solve\(\) was done$/],
    ['return {"db": b', /^the file does not load: SyntaxError: .* \(line 13\)$/],
  ])('%s', async (body, message) => {
    const { passed, says } = await verdictOn(linear, pythonFile(linear, body))
    expect({ passed, first: says[0] }).toEqual({ passed: false, first: expect.stringMatching(message) })
  })

  it('an array of another library that numpy cannot read is the learner’s', async () => {
    const own = 'class Own:\n    def __array__(self, *_, **__): raise RuntimeError("use detach()")\n'
    const text = own + pythonFile(linear, 'return {"db": Own()}')
    expect((await verdictOn(linear, text)).says).toEqual(['your solve() gave db as no array: use detach()'])
  })

  it.each([
    ['import nowhere\n', /^the file does not load: ModuleNotFoundError: .*nowhere.* \(line 1\)$/],
    ['import sys\nsys.exit(0)\n', /^the file does not load: SystemExit: 0 \(line 2\)$/],
    ['\ndef solve(:\n', /^the file does not load: SyntaxError: .* \(line 2\)$/],
    ['solve = 3\n', /^the file defines no function solve\(\)$/],
    ['', /^the file defines no function solve\(\)$/],
    ['def solve(x): pass\n', /^your solve\(\) raised TypeError: .*unexpected keyword argument '\w+'$/],
  ])('%j', async (text, message) => {
    const { passed, says } = await verdictOn(linear, text)
    expect({ passed, says }).toEqual({ passed: false, says: [expect.stringMatching(message)] })
  })

  it('code that does not end is ended, and the start of Python is not its time', async () => {
    const endless = 'while True:\n    pass\n'
    const late = (seconds: number): string[] => [
      `your code did not end in ${seconds} s, which is for the file and all calls of solve() together`,
    ]
    expect((await verdictOn(linear, endless, 7, 1)).says).toEqual(late(0.001))
    const text = pythonFile(linear, endless.replace('\n', '\n    '))
    expect((await verdictOn(linear, text, 7, 300)).says).toEqual(late(0.3))
  })

  it('what still runs beside solve() is not waited for, and what it prints is no answer', async () => {
    const body = `import threading, time
print("begun")
threading.Thread(target=time.sleep, args=(60,)).start()
return {"db": dy.sum(axis=0)}`
    expect(await verdictOn(linear, pythonFile(linear, body))).toMatchObject({ passed: true })
  })

  it('whole numbers may be given, and what is in the file besides', async () => {
    const dx = written.find(({ id }) => id === 'relu-dx')!
    const body = 'return {"dx": np.where(x > 0, dy, 0), "mask": x > 0, 3: "three"}'
    expect(await verdictOn(dx, pythonFile(dx, body))).toMatchObject({ passed: true })
    const zeros = 'return {"db": np.zeros(len(b), dtype=int)}'
    const { wrong } = await verdictOn(linear, pythonFile(linear, zeros))
    expect(wrong).toMatchObject({ where: 'db[0]', got: 0 })
  })

  it('a mistake that nobody knows is refused with the first wrong index, and what a difference says', async () => {
    const dx = written.find(({ id }) => id === 'conv2d-dx')!
    const body = inPython(dx).solution.replace('return', 'dx[1, 2] += 0.5\nreturn')
    const { says, wrong } = await verdictOn(dx, pythonFile(dx, body))
    expect(says).toEqual(['dx[1,2] is wrong'])
    expect(wrong!.got - wrong!.expected).toBeCloseTo(0.5, 9)
    expect(wrong!.difference).toBeCloseTo(wrong!.expected, 5)
  })
})
