import { mkdirSync, readdirSync, readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { backends } from '@handgrad/tensor'
import { expect, onTestFinished, test, vi } from 'vitest'
import { jsonLines, linesOf, temporaryFolder } from '../test/handgrad.ts'
import { recordedIo } from '../test/io.ts'
import { compareBuilds, rowOf } from './compare.ts'
import { checkCompareOptions } from './options.ts'
import { runCompare } from './run-compare.ts'
import { Miniature } from './test/miniature.ts'

const options = {
  settings: [{ network: 'seed', mode: 'train', batch: 64 }],
  threads: [1, 2],
  turbo: [false],
  pairs: 7,
  milliseconds: 1,
  budget: 60,
} as const

/** A folder in which temporary ones are made, a repository beside it, and the call of the command. */
function workplace() {
  const folder = temporaryFolder()
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => void vi.unstubAllEnvs())
  mkdirSync(join(folder, 'repository'))
  const repository = new Miniature(join(folder, 'repository'))
  const notes = join(folder, 'notes')
  const call = async (name: string, given: Partial<Parameters<typeof runCompare>[0]> = {}) => {
    const { io, out, err } = recordedIo()
    const rest = { options, mnist: notes, json: false, words: 'bench', io, root: repository.root }
    const code = await runCompare({ name, ...rest, ...given })
    return { code, out: out.text, err: err.text }
  }
  return { repository, temporary, call, notes }
}

const times = (count: number, lines: readonly string[]): string[] => Array(count).fill(lines).flat()

test('compares the checkout with a commit: ratios, who is asked when, and nothing is left behind', async () => {
  const { repository, temporary, call, notes } = workplace()
  repository.speed({ name: 'old', speed: 100 })
  const old = repository.commit()
  repository.speed({ name: 'new', speed: 200 })
  const head = repository.commit()
  repository.write({ 'apps/cli/src/other.ts': '', 'pnpm-lock.yaml': '', 'README.md': 'not measured' })

  const { code, out, err } = await call('HEAD~1', { json: true })
  expect(linesOf(err)).toEqual([
    'note: not committed, and measured as it is: M pnpm-lock.yaml, ?? apps/cli/src/other.ts',
    `note: building ${old.slice(0, 12)} in a temporary folder`,
  ])
  expect(code).toBe(0)
  const setting = { network: 'seed', mode: 'train', batch: 64, turbo: false, backend: backends().at(-1) }
  const ratio = { median: 2, low: 2, high: 2, confidence: 1 - 2 / 128 }
  const row = { ...setting, ratio, pairs: times(7, [2 as never]) }
  expect(jsonLines(out)).toMatchObject([
    {
      part: 'compare',
      commit: head,
      own: { changed: [' M pnpm-lock.yaml', '?? apps/cli/src/other.ts'] },
      other: { commit: old },
      rows: [
        { ...row, threads: 1, imagesPerSecond: { own: 200, other: 100 } },
        { ...row, threads: 2, imagesPerSecond: { own: 400, other: 200 } },
      ],
      leftOut: [],
    },
  ])

  const begun = (name: string): string[] => [
    `${name} starts ${backends().at(-1)}`,
    `${name} prepare seed train 64 1 2`,
  ]
  const turn = (a: string, b: string): string[] => [`${a} run 1`, `${b} run 1`, `${a} run 2`, `${b} run 2`]
  const pair = (a: string, b: string): string[] => [
    ...begun(a),
    ...begun(b),
    ...times(4, [...turn(a, b), ...turn(b, a)]),
  ]
  const both = [...pair('new', 'old'), ...pair('old', 'new')]
  expect(linesOf(readFileSync(notes, 'utf8'))).toEqual([...times(3, both), ...pair('new', 'old')])
  expect(readdirSync(temporary)).toEqual([])
  const pids = linesOf(readFileSync(`${notes}.pids`, 'utf8')).map(Number)
  expect(pids).toHaveLength(14)
  // Signal 0 only asks whether the process is there.
  await vi.waitFor(() => {
    for (const pid of pids) expect(() => process.kill(pid, 0), `process ${pid}`).toThrow('ESRCH')
  }, 20_000)
})

test('people see a line a row; turbo is asked for; a side that cannot run a setting is named', async () => {
  const { repository, temporary, call, notes } = workplace()
  repository.speed({ name: 'old', speed: 400 })
  repository.commit()
  repository.speed({ name: 'new', speed: 300 })
  repository.commit()
  const slower = await call('HEAD~1', {
    options: { ...options, threads: [2], turbo: [true], pairs: 9, budget: 0 },
  })
  expect(slower.out).toBe(
    'seed, training, batch 64, turbo, 2 threads: 0.750×, 95 % range 0.750 to 0.750 (6 pairs; 600 and 800 images/s)\n',
  )
  expect(readFileSync(notes, 'utf8')).toContain(`new starts ${backends().at(-1)} turbo\n`)

  repository.speed({ name: 'new', speed: 1, refused: 'no such network' })
  const refused = await call('HEAD~1')
  expect(refused).toMatchObject({ code: 1, out: '' })
  expect(refused.err).toMatch(/left out: seed, training, batch 64: this build: no such network\n$/)
  expect(readdirSync(temporary)).toEqual([])
})

test('what cannot be built is said in one line, and its folder is gone', async () => {
  const { repository, temporary, call } = workplace()
  repository.speed({ name: 'one', speed: 1 })
  repository.commit({ 'scripts/build-kernels.ts': "console.error('no compiler'); process.exit(1)" })
  repository.commit({ 'package.json': '{ "dependencies": { "zx": "8.8.5" } }' })
  repository.commit({ 'apps/cli/src/bench/ours.ts': '' })
  unlinkSync(join(repository.folder, 'apps/cli/src/bench/ours.ts'))
  repository.commit()
  const cases: [name: string, exitCode: number, message: RegExp][] = [
    ['nothing', 2, /^--compare 'nothing': expected a commit of this repository: a hash, a branch or a tag$/],
    ['HEAD', 1, /^--compare [0-9a-f]{12}: it has no apps\/cli\/src\/bench\/ours\.ts: it is older/],
    ['HEAD~2', 1, /^--compare [0-9a-f]{12}: its packages cannot be installed: .*ERR_PNPM/],
    ['HEAD~3', 1, /^--compare [0-9a-f]{12}: its kernels cannot be built: no compiler$/],
  ]
  for (const [name, exitCode, message] of cases) {
    const error = await call(name).catch((thrown: unknown) => thrown as Error & { exitCode: number })
    expect(error, name).toMatchObject({ message: expect.stringMatching(message), exitCode })
    expect(readdirSync(temporary), name).toEqual([])
  }
})

test('a row is the median of its pairs, a pair the median of its turns', () => {
  const setting = {
    network: 'mlp',
    mode: 'infer',
    batch: 1,
    turbo: true,
    backend: 'simd',
    threads: 1,
  } as const
  // Ratios 3, 1, 2 in the first pair: 2; then 4, 5, 6, 7, 8, each of one turn.
  const first = [
    { own: 30, other: 10 },
    { own: 10, other: 10 },
    { own: 20, other: 10 },
  ]
  const rest = [4, 5, 6, 7, 8].map((ratio) => [{ own: 10 * ratio, other: 10 }])
  expect(rowOf(setting, [first, ...rest])).toEqual({
    ...setting,
    ratio: { median: 5.5, low: 2, high: 8, confidence: 62 / 64 },
    pairs: [2, 4, 5, 6, 7, 8],
    imagesPerSecond: { own: 45, other: 10 },
  })
  expect(() => rowOf(setting, rest)).toThrow('no 95 % range of 5 values, 6 at least')
})

test('one that is stopped ends after its pair, and shows no row of too few', async () => {
  const { repository, notes } = workplace()
  repository.speed({ name: 'one', speed: 1 })
  const { folder } = repository
  const two = { ...options, turbo: [false, true] }
  const hooks = { show: () => expect.unreachable(), stopped: vi.fn<() => boolean>().mockReturnValue(true) }
  hooks.stopped.mockReturnValueOnce(false).mockReturnValueOnce(false)
  const compared = await compareBuilds({ own: folder, other: folder }, notes, two, hooks)
  const reason = 'no 95 % range of 1 values, 6 at least'
  expect(compared).toEqual({ rows: [], leftOut: [{ ...options.settings[0], turbo: false, reason }] })
})

test('its options: what does not go with it, and how many pairs', () => {
  expect(checkCompareOptions([], {})).toMatchObject({ pairs: 9, turbo: [false, true], threads: [1, 2] })
  expect(checkCompareOptions([], { quick: true, turbo: true })).toMatchObject({ pairs: 9, turbo: [true] })
  expect(checkCompareOptions([], { turbo: false, pairs: '6' })).toMatchObject({ pairs: 6, turbo: [false] })
  for (const [parts, raw, other] of [
    [['speed'], {}, 'parts'],
    [[], { save: true }, '--save'],
    [[], { peers: ['none'] }, '--peers'],
  ] as const)
    expect(() => checkCompareOptions(parts, raw)).toThrow(
      `--compare measures this program alone: it does not go with ${other}`,
    )
  for (const pairs of ['5', '1000'])
    expect(() => checkCompareOptions([], { pairs })).toThrow(`--pairs '${pairs}': expected 6 to 999`)
})
