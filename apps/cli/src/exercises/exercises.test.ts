import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { exercises, written } from './all.ts'
import { inputsOf, knownRuns, runOurs } from './check.ts'
import { checkFile } from './check-file.ts'
import { type Exercise, fileOf, type Nested, stubOf, withMistake } from './exercise.ts'
import { cellsOf, judge, type Verdict } from './judge.ts'

/** The verdict on a body. */
async function verdictOn(exercise: Exercise, body: string, seed = 7, limit?: number): Promise<Verdict> {
  const file = join(temporaryFolder(), `${exercise.id}.mjs`)
  writeFileSync(file, fileOf(exercise, body, false))
  return checkFile(exercise, file, seed, limit)
}
/** The same without a thread of its own, for code of ours. */
async function verdictOnOurs(exercise: Exercise, body: string, seed = 7): Promise<Verdict> {
  const cases = exercise.cases(seed)
  const inputs = inputsOf(cases)
  return judge(exercise, cases, await runOurs(exercise, body, inputs), await knownRuns(exercise, inputs))
}
const byId = (id: string): Exercise => exercises.find((one) => one.id === id)!

it('there are at least 16 to write and ten bugs to find, each with its own name', () => {
  expect(written.length).toBeGreaterThanOrEqual(16)
  expect(exercises.filter(({ broken }) => broken !== undefined)).toHaveLength(10)
  expect(new Set(exercises.map(({ id }) => id)).size).toBe(exercises.length)
})

describe.each(written.map((exercise) => [exercise.id, exercise] as const))('%s', (_id, exercise) => {
  it('passes with its solution, for several seeds', async () => {
    for (const seed of [0, 7, 1234])
      expect(await verdictOnOurs(exercise, exercise.solution, seed)).toMatchObject({ passed: true, says: [] })
  })

  it('is given without its solution', () => {
    expect(stubOf(exercise, true)).toContain("throw new Error('not written yet')")
    expect(stubOf(exercise, true)).not.toContain(exercise.solution.split('\n')[0])
  })

  it('names each known mistake, and no other', async () => {
    for (const mistake of exercise.mistakes) {
      const { passed, says } = await verdictOnOurs(exercise, withMistake(exercise, mistake))
      expect(passed, mistake.says).toBe(false)
      expect(says.slice(0, -1), mistake.says).toEqual([mistake.says])
    }
  })

  it('has cases that agree with central differences, where there is a forward pass', () => {
    for (const one of exercise.cases(7)) {
      if (one.slope === undefined) continue
      const isKink = ([row, column]: number[]): boolean =>
        exercise.id === 'relu-dx' && (one.inputs['x'] as number[][])[row][column] === 0
      for (const [output, expected] of Object.entries(one.expected)) {
        const look = (part: Nested, index: number[]): void => {
          if (typeof part !== 'number') part.forEach((inner, i) => look(inner, [...index, i]))
          else if (output.startsWith('d') && !isKink(index))
            expect(one.slope!(output, index), `${output}[${index.join()}]`).toBeCloseTo(part, 6)
        }
        look(expected, [])
      }
    }
  })
})

it('fails as it is given, in TypeScript, and names the line', async () => {
  const exercise = byId('adam')
  const file = join(temporaryFolder(), 'adam.ts')
  writeFileSync(file, stubOf(exercise, true))
  const { passed, says } = await checkFile(exercise, file, 7)
  expect(passed).toBe(false)
  expect(says).toEqual([expect.stringMatching(/^your solve\(\) threw: not written yet \(line 7\)$/)])
})

describe('the bugs', () => {
  it.each(exercises.filter(({ broken }) => broken !== undefined).map((one) => [one.id, one] as const))(
    '%s fails as it is given, and passes when it is mended',
    async (_id, exercise) => {
      const inputs = inputsOf(exercise.cases(7))
      const verdict = judge(
        exercise,
        exercise.cases(7),
        await runOurs(exercise, exercise.broken!, inputs),
        [],
      )
      expect(verdict.passed).toBe(false)
      expect((await verdictOnOurs(exercise, exercise.solution)).passed).toBe(true)
    },
  )
})

it('a bug that is to be found is not named', async () => {
  const bug = byId('bug-07')
  const { passed, says, wrong } = await verdictOn(bug, bug.broken!)
  expect({ passed, says }).toEqual({ passed: false, says: ['dx[0,0] is wrong'] })
  expect(wrong!.got).not.toBeCloseTo(wrong!.expected, 6)
})

describe('what a learner does wrong is named as such', () => {
  const linear = byId('linear-db')
  it.each([
    ['throw new TypeError("no b")', /^your solve\(\) threw: no b \(line 7\)$/],
    ['return 3', /^your solve\(\) gave a number, expected an object with db$/],
    ['return {}', /^your solve\(\) gave no db$/],
    ['return { db: [1, 2] }', /^db is \[2\], expected \[5\]$/],
    ['return { db: b.map(String) }', /^db has a string at \[0\], expected a number$/],
    ['return { db: b.map(() => NaN) }', /^db\[0\] is NaN$/],
    ['return { db: b.map(() => -1 / 0) }', /^db\[0\] is -Infinity$/],
    ['return { db: Float64Array.from(b) }', /^db is a Float64Array, which is no list, expected \[5\]$/],
    ['return { db: new Date(0) }', /^db is an object, expected \[5\]$/],
    ['return { db: null }', /^db is null, expected \[5\]$/],
    ['const db = []; db.push(db); return { db }', /^db is \[1, 1, 1, 1, 1, 1, 1, 1\], expected \[5\]$/],
    ['return Promise.resolve({ db: b })', /^your solve\(\) gave a promise: it must not be async$/],
    ['return { db: () => b }', /^your solve\(\) gave something that is no number and no list$/],
    ['dy[0][0] = 1; return { db: b }', /^your solve\(\) changed its input dy: make a copy$/],
    ['process.exit(0)', /^your code ended its process/],
    ['return { db: b', /^the file does not load: /],
  ])('%s', async (body, message) => {
    const { passed, says } = await verdictOn(linear, body)
    expect({ passed, first: says[0] }).toEqual({ passed: false, first: expect.stringMatching(message) })
  })

  it('a list in the place of a number, and an empty one', async () => {
    const forward = byId('cross-entropy-forward')
    expect((await verdictOn(forward, 'return { L: [1] }')).says).toEqual(['L is [1], expected a number'])
    const nested = 'return { db: [[], 1, 2, 3, 4] }'
    expect((await verdictOn(linear, nested)).says).toEqual(['db is [0] at [0], expected a number'])
    expect((await verdictOn(forward, 'return { L: "1" }')).says).toEqual(['L is a string, expected a number'])
  })

  it('a file that fails while it loads does so at a line', async () => {
    const file = join(temporaryFolder(), 'linear-db.mjs')
    writeFileSync(file, '\nnull.x\n')
    const { says } = await checkFile(linear, file, 7)
    expect(says).toEqual([expect.stringMatching(/^the file does not load: .*null.* \(line 2\)$/)])
  })

  it('code that does not end is ended', async () => {
    const before = performance.now()
    const { says } = await verdictOn(linear, 'for (;;);', 7, 400)
    expect(says).toEqual([
      'your code did not end in 0.4 s, which is for the file and all calls of solve() together',
    ])
    expect(performance.now() - before).toBeLessThan(4000)
  })

  it('a mistake that nobody knows is refused too, with the first wrong index, and what a difference says', async () => {
    const dx = byId('conv2d-dx')
    const body = dx.solution.replace('return { dx }', 'dx[1][2] += 0.5\nreturn { dx }')
    const { says, wrong } = await verdictOn(dx, body)
    expect(says).toEqual(['dx[1,2] is wrong'])
    expect(wrong!.got - wrong!.expected).toBeCloseTo(0.5, 9)
    expect(wrong!.difference).toBeCloseTo(wrong!.expected, 5)
  })

  it('a difference says nothing of a loss, nor at the corner of a ReLU', async () => {
    const loss = await verdictOn(byId('cross-entropy-forward'), 'return { L: 0 }')
    expect(loss.wrong).toMatchObject({ where: 'L', got: 0, difference: null })
    const leaky = 'return { dx: x.map((row, r) => row.map((v, c) => (v >= 0 ? dy[r][c] : 0))) }'
    const { says, wrong } = await verdictOn(byId('relu-dx'), leaky)
    expect(says).toHaveLength(2)
    expect(wrong).toMatchObject({ where: 'dx[1,2]', expected: 0, difference: null })
  })

  it('other numbers for another seed', () => {
    expect(linear.cases(1)[0].inputs).not.toEqual(linear.cases(2)[0].inputs)
    expect(linear.cases(1)[0].inputs).toEqual(linear.cases(1)[0].inputs)
  })
})

describe('cell by cell', () => {
  it('what was given stands beside the right number, at its place', () => {
    expect(
      cellsOf(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, 2],
          [3.5, 4],
        ],
      ),
    ).toEqual([
      { index: [0, 0], expected: 1, got: 1, right: true },
      { index: [0, 1], expected: 2, got: 2, right: true },
      { index: [1, 0], expected: 3, got: 3.5, right: false },
      { index: [1, 1], expected: 4, got: 4, right: true },
    ])
    expect(cellsOf(7, 8)).toEqual([{ index: [], expected: 7, got: 8, right: false }])
  })

  it('sums may be added in another order, and differences are less exact', () => {
    const right = (got: number, tolerance?: number) => cellsOf(10, got, tolerance)[0].right
    expect([right(10 + 9e-9), right(10 + 2e-8), right(10 + 9e-6, 1e-6), right(10 + 2e-5, 1e-6)]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  it('nothing stands beside another shape', () => {
    expect(cellsOf([[1], [2]], [[9], []])).toEqual([])
    expect(cellsOf([[1], [2]], [[9], 2])).toEqual([])
    expect(cellsOf([1], 'x' as never)).toEqual([])
    expect(cellsOf(1, [1])).toEqual([])
  })
})
