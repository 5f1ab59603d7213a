import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Catch } from '../packages/gradcheck/src/node/index.ts'
import { verdictOf } from './mutants-verdict.ts'

const catches = (caught: number, survived: number): Pick<Catch, 'views'>[] => [
  ...Array.from({ length: caught }, (): Pick<Catch, 'views'> => ({ views: ['golden'] })),
  ...Array.from({ length: survived }, () => ({ views: [] })),
]
const all = { changed: 3, named: 3 }

test('a hunt passes where every mutant was caught and every changed line named', () => {
  expect(verdictOf(catches(5, 0), all, false)).toEqual({
    lines: ['equations: 3 of 3 changed lines named (100 %)', 'mutants: 5 of 5 caught (100 %)'],
    passed: true,
  })
  expect(verdictOf(catches(1, 0), { changed: 0, named: 0 }, false).passed).toBe(true)
})

test('one that survives, one line that is not named or nothing to hunt is a failure', () => {
  expect(verdictOf(catches(199, 1), all, false)).toEqual({
    // Rounded down: 99.5 % are not all.
    lines: [expect.any(String), 'mutants: 199 of 200 caught (99 %)'],
    passed: false,
  })
  expect(verdictOf(catches(5, 0), { changed: 200, named: 199 }, false)).toEqual({
    lines: ['equations: 199 of 200 changed lines named (99 %)', expect.any(String)],
    passed: false,
  })
  expect(verdictOf(catches(0, 2), all, false).passed).toBe(false)
  expect(verdictOf([], all, false)).toEqual({
    lines: [expect.any(String), 'mutants: 0 of 0 caught (0 %)'],
    passed: false,
  })
})

test('of kernels alone no line is changed', () => {
  expect(verdictOf(catches(2, 0), { changed: 3, named: 0 }, true).passed).toBe(true)
  expect(verdictOf(catches(2, 1), { changed: 0, named: 0 }, true).passed).toBe(false)
})

test('the script ends with 3 where it caught nothing', () => {
  const script = fileURLToPath(new URL('./mutants.ts', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [script, 'no-such-layer'], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({
    status: 3,
    stdout: 'equations: 0 of 0 changed lines named (0 %)\nmutants: 0 of 0 caught (0 %)\n',
  })
})
