import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { setWorkerUrl } from '@handgrad/trainer'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { CliError } from '../errors.ts'
import { run } from '../program.ts'
import { artifacts, handgrad, inProcess, jsonLines, linesOf, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { recordedIo } from '../test/io.ts'

vi.mock('../plots/png.ts', () => import('../test/no-pictures.ts'))

/** Whether the disk is full when a file is written for the first, second, … time. */
const isFull = vi.hoisted(() => new Map<string, (write: number) => boolean>())
const writes = vi.hoisted(() => new Map<string, number>())
vi.mock('../files.ts', async (original) => {
  const files = await original<typeof import('../files.ts')>()
  return {
    ...files,
    async writeWhole(...[path, ...rest]: Parameters<typeof files.writeWhole>): Promise<void> {
      const name = basename(path)
      const write = (writes.get(name) ?? 0) + 1
      writes.set(name, write)
      if (isFull.get(name)?.(write)) throw new CliError(`cannot write ${path}: no space left on device`)
      await files.writeWhole(path, ...rest)
    },
  }
})

const reset = (): void => {
  isFull.clear()
  writes.clear()
}
afterEach(reset)
const always = (): boolean => true

/** A folder with 30 images of a user's own in `bars`. */
function place(): string {
  const cwd = temporaryFolder()
  writeFiles(join(cwd, 'bars'), idxFiles(30))
  return cwd
}

const args =
  'train --data-dir bars --model mlp --preset seed --batch-size 8 --threads 1 --epochs 3 --json --out run'.split(
    ' ',
  )
const full = (cwd: string, name: string): string =>
  `cannot write ${join(cwd, 'run', name)}: no space left on device`
const goesOn = '; training goes on, and tries again after each epoch'
const kinds = (out: string): unknown[] => jsonLines(out).map(({ event }) => event)
const whole = ['epoch', 'epoch', 'epoch', 'done']

test('a disk that is full at a picture costs that picture', async () => {
  for (const name of ['confusion.png', 'curves.png', 'curves.svg']) {
    const cwd = place()
    reset()
    isFull.set(name, always)
    const { code, out, err } = await inProcess(cwd, args)
    expect([code, kinds(out), err]).toEqual([0, whole, `note: ${full(cwd, name)}\n`])
    expect(readdirSync(join(cwd, 'run')).sort()).toEqual(artifacts.filter((file) => file !== name))
  }
})

test('one that is full at the model or at the last line of metrics.jsonl does not cost the result', async () => {
  for (const [name, when] of [
    ['model.safetensors', always],
    ['metrics.jsonl', (write: number) => write > 3],
  ] as const) {
    const cwd = place()
    reset()
    isFull.set(name, when)
    const { code, out, err } = await inProcess(cwd, args)
    expect([code, kinds(out), err]).toEqual([1, whole, `error: ${full(cwd, name)}\n`])
    expect(jsonLines(out).at(-1)).toMatchObject({ testAccuracy: expect.any(Number) as number })
    expect(readdirSync(join(cwd, 'run')).sort()).toEqual(
      artifacts.filter((file) => file !== name || name === 'metrics.jsonl'),
    )
  }
})

test('one that is full after an epoch does not end the run: what was kept before stays', async () => {
  const cwd = place()
  // The first time is before training.
  isFull.set('state.safetensors', (write) => write > 2)
  const { code, out, err } = await inProcess(cwd, args)
  expect([code, kinds(out)]).toEqual([1, whole])
  const problem = full(cwd, 'state.safetensors')
  expect(err).toBe(`note: ${problem}${goesOn}\nerror: ${problem}\n`)
  expect(readdirSync(join(cwd, 'run')).sort()).toEqual(artifacts)
  reset()
  const again = await inProcess(cwd, ['train', '--resume', 'run', '--json'])
  expect([again.code, kinds(again.out)]).toEqual([0, ['epoch', 'epoch', 'done']])
  const untimed = (text: string): object[] =>
    jsonLines(text).map((event) => ({ ...event, seconds: 0, imagesPerSecond: 0 }))
  expect(untimed(again.out)).toEqual(untimed(out).slice(1))
})

test('one that has room again is written to, and the run is whole', async () => {
  const cwd = place()
  isFull.set('metrics.jsonl', (write) => write < 3)
  const { code, out, err } = await inProcess(cwd, args)
  expect([code, err]).toEqual([0, `note: ${full(cwd, 'metrics.jsonl')}${goesOn}\n`])
  expect(kinds(readFileSync(join(cwd, 'run', 'metrics.jsonl'), 'utf8'))).toEqual(kinds(out))
})

test('one that is full from the start is an error before anything is trained, and leaves nothing', async () => {
  const cwd = place()
  isFull.set('config.json', always)
  const { code, out, err } = await inProcess(cwd, args)
  expect([code, out, err]).toEqual([1, '', `error: ${full(cwd, 'config.json')}\n`])
  expect(readdirSync(cwd)).toEqual(['bars'])
})

/** Something that happens when a file is written for the nth time. */
const when = (name: string, nth: number, act: () => void): void =>
  void isFull.set(name, (write) => {
    if (write === nth) act()
    return false
  })

test('the result is out before the first picture is written', async () => {
  const cwd = place()
  const { io, out } = recordedIo()
  let before = ''
  when('curves.svg', 1, () => (before = out.text))
  vi.stubEnv('INIT_CWD', cwd)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await run([...args.slice(0, -1), join(cwd, 'run'), '--data-dir', join(cwd, 'bars')], io)).toBe(0)
  expect(kinds(before)).toEqual(whole)
})

test('a run that is stopped when all is trained stops in its last epoch', async () => {
  const cwd = place()
  when('metrics.jsonl', 3, () => void process.emit('SIGHUP', 'SIGHUP'))
  const { code, out } = await inProcess(cwd, args)
  expect(code).toBe(129)
  expect(jsonLines(out).at(-1)).toMatchObject({ event: 'stopped', epoch: 3 })
})

test('a reader that goes after the result is a broken pipe, and all is there', async () => {
  const cwd = place()
  when('curves.svg', 1, () => void process.emit('SIGPIPE', 'SIGPIPE'))
  expect((await inProcess(cwd, args)).code).toBe(141)
  expect(readdirSync(join(cwd, 'run')).sort()).toEqual(artifacts)
})

test('workers that do not come up are a note', async () => {
  const cwd = place()
  setWorkerUrl('file:///none.js')
  onTestFinished(() => setWorkerUrl(null))
  const { code, err } = await inProcess(cwd, [...args, '--threads', '3'])
  expect(code).toBe(0)
  const notes = linesOf(err).filter((line) =>
    line.startsWith('note: a worker thread did not come up (there is no file'),
  )
  expect(notes).toHaveLength(1)
})

test('an export that does not fit leaves nothing, a report says what it found', async () => {
  const cwd = place()
  await inProcess(cwd, args)
  isFull.set('state.safetensors', always)
  isFull.set('report.html', always)
  const out = join(cwd, 'torch')
  const exported = await inProcess(cwd, ['export', '--to', 'torch', join(cwd, 'run'), '--out', out])
  expect([exported.code, exported.err]).toEqual([
    1,
    `error: cannot write ${join(out, 'state.safetensors')}: no space left on device\n`,
  ])
  expect(readdirSync(cwd).sort()).toEqual(['bars', 'run'])

  const folder = join(cwd, 'report')
  const report = 'report relu --without mutants curves --out'.split(' ')
  const reported = await inProcess(cwd, [...report, folder])
  expect(reported.code).toBe(1)
  expect(reported.out).toMatch(/^report: 1 layers/)
  expect(reported.err).toMatch(/^error: cannot write \S+report\.html: no space left on device$/m)
  expect(readdirSync(folder)).toEqual(['report.json'])
})

test('a finished run that is resumed keeps its line, and the speed at which it was trained', async () => {
  const cwd = place()
  const { out } = await inProcess(cwd, args)
  const metrics = (): Record<string, unknown>[] =>
    jsonLines(readFileSync(join(cwd, 'run', 'metrics.jsonl'), 'utf8'))
  const before = metrics()
  const again = await inProcess(cwd, 'train --resume run --json'.split(' '))
  expect([again.code, again.err]).toEqual([0, ''])
  expect(jsonLines(again.out)).toEqual([
    { ...jsonLines(out)[3], imagesPerSecond: expect.closeTo(before[3]['imagesPerSecond'] as number, 6) },
  ])
  const after = metrics()
  expect(after.slice(0, 3)).toEqual(before.slice(0, 3))
  const { best: _best, mostConfused: _pairs, gradientNorms: _norms, ...told } = jsonLines(again.out)[0]
  expect(after[3]).toEqual({ ...told, run: undefined, seconds: expect.any(Number) })
  const seconds = before.slice(0, 3).reduce((sum, epoch) => sum + (epoch['seconds'] as number), 0)
  expect(after[3]['seconds']).toBeGreaterThan(seconds)
})

test('--threads beyond the cores is said; --resume takes those of this machine', async () => {
  const cwd = place()
  const cores = availableParallelism()
  const many = args.map((word) => (word === '1' ? String(cores + 1) : word))
  const threads = (): unknown =>
    (JSON.parse(readFileSync(join(cwd, 'run', 'config.json'), 'utf8')) as { threads: number }).threads
  const first = await inProcess(cwd, many)
  expect([first.code, first.err]).toEqual([
    0,
    `note: --threads ${cores + 1}: more than this machine's ${cores} cores, which is no faster\n`,
  ])
  expect(threads()).toBe(cores + 1)
  const resume = 'train --resume run --json'.split(' ')
  expect(await inProcess(cwd, resume)).toMatchObject({ code: 0, err: '' })
  expect(threads()).toBe(cores)
  expect(await inProcess(cwd, [...resume, '--threads', '1'])).toMatchObject({ code: 0, err: '' })
  expect(threads()).toBe(1)
  expect(await inProcess(cwd, [...resume, '--epochs', '4'])).toMatchObject({ code: 0, err: '' })
  expect(threads()).toBe(cores)
})

// Linux has a device that is always full.
test.runIf(process.platform === 'linux')(
  'a full stdout costs no run, and the result is on stderr',
  async () => {
    const cwd = place()
    for (const more of [[], ['--json'], ['--quiet']]) {
      const command = [...args.filter((word) => word !== '--json'), ...more]
      const { code, err } = await handgrad(cwd, command, {}, '/dev/full')
      expect(code).toBe(1)
      const [result, error, ...rest] = linesOf(err)
      expect(result).toMatch(
        more[0] === '--json' ? /^\{"event":"done","testAccuracy":/ : /^test accuracy \d+\.\d\d %, /,
      )
      expect([error, rest]).toEqual(['error: cannot write to stdout: no space left on device', []])
      expect(readdirSync(join(cwd, 'run')).sort()).toEqual(artifacts)
      rmSync(join(cwd, 'run'), { recursive: true })
    }
    const { code, err } = await handgrad(cwd, ['gradcheck', 'relu'], {}, '/dev/full')
    expect(code).toBe(1)
    expect(linesOf(err).at(-1)).toBe('error: cannot write to stdout: no space left on device')
  },
)
