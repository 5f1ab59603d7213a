import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { ProofTotals } from './index.ts'

interface Outcome {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly failureMessages: readonly string[]
  readonly meta: { readonly proof?: ProofTotals }
}

/** Runs the proofs in a vitest of their own. */
function run(): { code: number | null; outcomes: Outcome[] } {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const root = fileURLToPath(new URL('../test/glue/', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-glue-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const report = join(folder, 'report.json')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', root, '--reporter=json', `--outputFile=${report}`],
    { encoding: 'utf8', env: { ...process.env, VITEST: undefined, NO_COLOR: '1', HANDGRAD_GLUE: folder } },
  )
  expect(existsSync(report), stdout + stderr).toBe(true)
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: Outcome[] }[]
  }
  return { code: status, outcomes: testResults.flatMap(({ assertionResults }) => assertionResults) }
}

test('a test of a case fails where something is wrong with it, and says what', () => {
  const { code, outcomes } = run()
  expect(code).toBe(1)
  const of = (status: Outcome['status']) => outcomes.filter((one) => one.status === status)
  const name = ({ ancestorTitles, title }: Outcome): string => [...ancestorTitles, title].join(' > ')
  const failed = Object.fromEntries(of('failed').map((one) => [name(one), one.failureMessages.join('\n')]))
  expect(failed).toEqual({
    'wrong > wrongCase > five': expect.stringMatching(/golden: float32 on reference, y \[2,1\]: expected/),
    'wrong > wrongCase > is as exact as torch, and every line of its derivation was evaluated':
      expect.stringMatching(
        /golden: the worst of our float32 errors on reference is \S+ times torch's, at most 4 may be/,
      ),
    'wrong > lenient > refuses odd': expect.stringContaining(
      'error: on reference: accepted without an error',
    ),
    'wrong > rare > is as exact as torch, and every line of its derivation was evaluated':
      expect.stringContaining(
        "equations: step 'y' of the derivation is evaluated on 2 cases, at least 3 are needed",
      ),
    'wrong > extra > has fixtures for all of its cases, and unique names': expect.stringMatching(
      /fixture: cases\.json has cases that the spec has not: seven; .*\n.*equations: the spec has no derivation/,
    ),
    'wrong > extra > two': expect.any(String),
    'wrong > extra > five': expect.any(String),
    'wrong > bare > has fixtures': expect.stringMatching(
      /bare\/golden\.safetensors is missing; run `pnpm fixtures:export`/,
    ),
    'too few > finds every folder, with its spec': expect.stringContaining(
      'expected 1 to be greater than or equal to 2',
    ),
    'left out > finds every folder, with its spec': expect.stringContaining('three'),
  })
  const passed = of('passed').map(name)
  expect(passed.filter((one) => one.startsWith('right'))).toEqual([
    'right > finds every folder, with its spec',
    'right > allRight > has fixtures for all of its cases, and unique names',
    'right > allRight > two',
    'right > allRight > five',
    'right > allRight > seven',
    'right > allRight > is as exact as torch, and every line of its derivation was evaluated',
  ])
  expect(passed).toContain('wrong > finds every folder, with its spec')
  expect(of('skipped')).toEqual([])
  const proofs = of('passed').flatMap((one) => (name(one).startsWith('right') ? (one.meta.proof ?? []) : []))
  expect(proofs).toEqual([
    { specs: 1 },
    ...[23, 35, 43].map((coordinates) => ({
      cases: 1,
      coordinates,
      skipped: 0,
      steps: 6,
      runs: 1,
      kernels: 0,
    })),
  ])
  const refused = outcomes.find((one) => name(one) === 'wrong > lenient > refuses odd')!
  expect(refused.meta.proof).toEqual({ errors: 1 })
})
