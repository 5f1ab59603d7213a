import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FileCoverage, measure } from './coverage.ts'
import { judgeCode } from './judge-code.ts'
import { type Mistake, mistakesOf } from './mutants.ts'
import type { Outcome } from './outcome.ts'
import { lastLine, tally } from './score.ts'
import { select } from './select.ts'
import { root } from './sources.ts'
import { suiteOf } from './suite.ts'

/** A project of one package: a function whose first loop is tested, whose second is not, and one that a child runs. */
const files: Record<string, string> = {
  'package.json': '{ "type": "module" }',
  'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
export default defineConfig({ test: { projects: [{ test: { name: 'toy', root: 'packages/toy', include: ['src/*.test.ts'] } }] } })`,
  'packages/toy/src/sum.ts': `
export function sum(n: number): number {
  let all = 0
  for (let i = 1; i <= n; i++) all += i
  return all
}
export function product(n: number): number {
  return n * 2
}
export function fromChild(): number {
  return 3 + 4
}
`,
  'packages/toy/src/child.ts':
    "import { fromChild } from './sum.ts'\nprocess.stdout.write(String(fromChild()))",
  'packages/toy/src/sum.test.ts': `
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { sum } from './sum.ts'
test('adds up', () => expect(sum(4)).toBe(10))
test('another process adds', () => {
  expect(execFileSync(process.execPath, [new URL('./child.ts', import.meta.url).pathname], { encoding: 'utf8' })).toBe('7')
})
test('fails whatever is done', () => expect(sum(1)).toBe(2))
`,
}
const source = 'packages/toy/src/sum.ts'
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handgrad-toy-')))
const suite = suiteOf(folder)
let coverage: FileCoverage

beforeAll(async () => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  cpSync(join(root, 'scripts/mutation'), join(folder, 'scripts/mutation'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  coverage = await measure(folder, join(folder, 'left'), 'packages/toy/src/sum.test.ts')
}, 300_000)

afterAll(async () => {
  await suite.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The mistake that makes of `before` what is said. */
function mistake(before: string, text: string): Mistake {
  const start = files[source].indexOf(before)
  const line = files[source].slice(0, start).split('\n').length
  return { file: source, line, operator: 'constant', start, end: start + before.length, text }
}

const judge = (one: Mistake): Promise<Outcome> =>
  judgeCode({ folder, suite, coverage: [coverage], kills: new Map() }, one, { budget: 10_000, patience: 500 })

test('what each test runs is known, in this process and in those that it starts', () => {
  const names = (before: string): (readonly string[] | null)[] =>
    select([coverage], mistake(before, ''), 10_000)
      .steps.flat()
      .map((tests) => tests.names)
  const ran = (before: string): string[] =>
    coverage.tests
      .filter(({ ran: pieces }) => {
        const at = files[source].indexOf(before)
        const own = pieces[source] ?? []
        return own.some((start, i) => i % 2 === 0 && start <= at && at < own[i + 1])
      })
      .map(({ name }) => name)
  expect(ran('all += i')).toEqual(['adds up', 'fails whatever is done'])
  expect(ran('n * 2')).toEqual([])
  expect(ran('3 + 4')).toEqual(['another process adds'])
  // The file takes no second, so all of its tests are asked, but for the one that says nothing.
  expect(names('all += i')).toEqual([['adds up', 'another process adds']])
  expect(coverage.failures).toMatchObject([{ test: 'fails whatever is done' }])
})

describe('a mistake', () => {
  test('is caught by the test that fails, whose message is kept', async () => {
    expect(await judge(mistake('i <= n', 'i < n'))).toEqual({
      kind: 'caught',
      by: 'packages/toy/src/sum.test.ts',
      message: 'expected 6 to be 10 // Object.is equality',
    })
  })

  test('is caught in a process that a test starts', async () => {
    expect(await judge(mistake('3 + 4', '3 - 4'))).toMatchObject({ kind: 'caught' })
  })

  test('survives where the tests pass', async () => {
    expect(await judge(mistake('let all = 0', 'let all = -0'))).toEqual({ kind: 'survived', by: 1, left: [] })
  })

  test('survives where no test comes', async () => {
    expect(await judge(mistake('n * 2', 'n / 2'))).toEqual({ kind: 'survived', by: 0, left: [] })
  })

  test('that does not end is ended, and the next one is judged', { timeout: 300_000 }, async () => {
    expect(await judge(mistake('i++', 'i--'))).toEqual({ kind: 'timed out' })
    expect(await judge(mistake('i <= n', 'i < n'))).toMatchObject({ kind: 'caught' })
  })

  test('that is no program is not run', async () => {
    expect(await judge(mistake('i <= n', 'i <= '))).toEqual({
      kind: 'no code',
      message: 'it is no TypeScript',
    })
  })

  test('leaves the file as it was', () => {
    expect(readFileSync(join(folder, source), 'utf8')).toBe(files[source])
  })
})

test('the last line counts each apart', () => {
  const [one] = mistakesOf(source, files[source])
  const caught = { kind: 'caught', by: '', message: '' } as const
  const survived = { kind: 'survived', by: 1, left: [] } as const
  const outcomes = [
    caught,
    caught,
    survived,
    { kind: 'timed out' },
    { kind: 'no code', message: '' },
  ] as const
  const judged = outcomes.map((outcome) => ({ ...one, change: '', outcome, reason: null }))
  const all = [...judged, { ...one, change: '', outcome: survived, reason: 'nobody reads it' }]
  expect(tally(all)).toEqual({ caught: 2, survived: 1, equivalent: 1, timedOut: 1, noCode: 1 })
  expect(lastLine(all)).toBe('2 of 3 caught (66 %), 1 equivalent, 1 timed out')
})
