import { expect, test } from 'vitest'
import type { FileScore } from '../../packages/gradcheck/src/index.ts'
import { wrongScores } from './check-scores.ts'
import type { Judged } from './outcome.ts'
import { merged, scoreOf } from './save.ts'

const caught = { kind: 'caught', by: 'a.test.ts', message: 'no' } as const
const survived = { kind: 'survived', by: 1, left: [] } as const

function judged(
  file: string,
  operator: string,
  outcome: Judged['outcome'],
  reason: string | null = null,
): Judged {
  return { file, line: 1, operator, change: '', outcome, reason }
}

const row = (file: string, all: number, own: Judged[]): FileScore =>
  scoreOf({ file, digest: `digest of ${file}`, all, judged: own }, 7, 'abc1234')
const a = row('a.ts', 50, [
  judged('a.ts', 'negation', caught),
  judged('a.ts', 'constant', caught),
  judged('a.ts', 'constant', survived),
  judged('a.ts', 'constant', survived, 'nobody reads it'),
  judged('a.ts', 'constant', { kind: 'timed out' }),
])
const b = row('b.ts', 1, [judged('b.ts', 'logical', { kind: 'no code', message: '' })])

test('a row says how each file fared, operator by operator', () => {
  expect(a).toEqual({
    file: 'a.ts',
    caught: 2,
    mutants: 3,
    equivalent: 1,
    timedOut: 1,
    noCode: 0,
    all: 50,
    seed: 7,
    operators: { constant: { caught: 1, mutants: 2 }, negation: { caught: 1, mutants: 1 } },
    commit: 'abc1234',
    digest: 'digest of a.ts',
  })
  expect(b).toMatchObject({ file: 'b.ts', caught: 0, mutants: 0, noCode: 1, all: 1 })
})

test('a new row takes the place of the file’s old one, and leaves the others', () => {
  const old: FileScore[] = [
    { ...a, caught: 0 },
    { ...b, file: 'c.ts' },
  ]
  expect(merged(merged(old, b), a)).toEqual([a, b, { ...b, file: 'c.ts' }])
})

test('lint misses files without a row, and rows of other sources when they are more than a third', () => {
  const rows = (stale: number): Parameters<typeof wrongScores>[0] =>
    Array.from({ length: 6 }, (_, i) => ({ ...a, file: `${i}.ts`, isCurrent: i >= stale }))
  const files = rows(0).map(({ file }) => file)
  expect(wrongScores(rows(2), files)).toEqual([])
  expect(wrongScores(rows(0), [...files, 'new.ts'])).toEqual([
    'new.ts has no mutation score; run `pnpm mutants --auto <path> --save`',
  ])
  expect(wrongScores(rows(3), files)).toEqual([
    '3 of 6 mutation scores are of sources that have changed since; run `pnpm mutants --auto <path> --save`:',
    '  0.ts, measured at abc1234',
    '  1.ts, measured at abc1234',
    '  2.ts, measured at abc1234',
  ])
})
