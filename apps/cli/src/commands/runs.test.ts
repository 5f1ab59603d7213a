import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inProcess, jsonLines, temporaryFolder } from '../test/handgrad.ts'

interface Story {
  readonly config?: Record<string, unknown>
  /** Of each epoch: validation loss and accuracy. */
  readonly epochs?: readonly (readonly [loss: number, accuracy: number])[]
  readonly tested?: number
}

/** The two files of a run that the command reads. */
function write(cwd: string, run: string, { config = {}, epochs = [], tested }: Story = {}): void {
  const folder = join(cwd, run)
  mkdirSync(folder, { recursive: true })
  const all = { model: 'mlp', dataset: 'mnist', seed: 1, epochs: 2, optimizer: 'sgd', ...config }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(all))
  const events = epochs.map(([validationLoss, validationAccuracy], i) => ({
    event: 'epoch',
    epoch: i + 1,
    trainLoss: 10 * (i + 1),
    validationLoss,
    validationAccuracy,
    seconds: 2,
  }))
  const done =
    tested === undefined ? [] : [{ event: 'done', testAccuracy: tested, testLoss: 3, seconds: 7.5 }]
  const lines = [...events, ...done].map((event) => `${JSON.stringify(event)}\n`)
  if (lines.length > 0) writeFileSync(join(folder, 'metrics.jsonl'), lines.join(''))
}

/** Four runs: which is best depends on what is asked. */
function four(): string {
  const cwd = temporaryFolder()
  write(cwd, 'runs/a-2', { epochs: [[0.5, 0.8], [0.4, 0.7]], tested: 0.9 }) // biome-ignore format: an epoch each
  write(cwd, 'runs/a-10', { epochs: [[0.3, 0.75], [0.3, 0.99]], tested: 0.6, config: { seed: 7 } }) // biome-ignore format: an epoch each
  write(cwd, 'runs/seeds/seed-1', { epochs: [[0.45, 0.9]] })
  write(cwd, 'runs/new')
  return cwd
}

const namesOf = (out: string): unknown[] => jsonLines(out).map(({ run }) => run)

test('a run is its best epoch on the validation part, and the best run comes first', async () => {
  const cwd = four()
  const { code, out, err } = await inProcess(cwd, ['runs', '--json'])
  expect([code, err]).toEqual([0, ''])
  const common = { model: 'mlp', dataset: 'mnist', of: 2 }
  expect(jsonLines(out)).toEqual([
    { run: 'runs/seeds/seed-1', ...common, seed: 1, epochs: 1, bestEpoch: 1, validationLoss: 0.45, validationAccuracy: 0.9, testLoss: null, testAccuracy: null, seconds: 2 },
    // Of two equal losses the first is the best epoch.
    { run: 'runs/a-10', ...common, seed: 7, epochs: 2, bestEpoch: 1, validationLoss: 0.3, validationAccuracy: 0.75, testLoss: 3, testAccuracy: 0.6, seconds: 7.5 },
    { run: 'runs/a-2', ...common, seed: 1, epochs: 2, bestEpoch: 2, validationLoss: 0.4, validationAccuracy: 0.7, testLoss: 3, testAccuracy: 0.9, seconds: 7.5 },
    { run: 'runs/new', ...common, seed: 1, epochs: 0, bestEpoch: null, validationLoss: null, validationAccuracy: null, testLoss: null, testAccuracy: null, seconds: 0 },
  ]) // biome-ignore format: a run a line
})

test.each([
  ['validation', ['runs/seeds/seed-1', 'runs/a-10', 'runs/a-2', 'runs/new']],
  ['loss', ['runs/a-10', 'runs/a-2', 'runs/seeds/seed-1', 'runs/new']],
  ['test', ['runs/a-2', 'runs/a-10', 'runs/new', 'runs/seeds/seed-1']],
  ['name', ['runs/a-2', 'runs/a-10', 'runs/new', 'runs/seeds/seed-1']],
])('--by %s', async (by, expected) => {
  const { out } = await inProcess(four(), ['runs', '--by', by, '--json'])
  expect(namesOf(out)).toEqual(expected)
})

test('the table, and --limit', async () => {
  const { out } = await inProcess(four(), ['runs', 'runs', '--limit', '3'])
  expect(out.split('\n')).toEqual([
    '<dim>run                model  dataset  seed  epochs  best  validation    loss     test  seconds</>',
    'runs/seeds/seed-1  mlp    mnist       1     1/2     1     90.00 %  0.4500               2.0',
    'runs/a-10          mlp    mnist       7       2     1     75.00 %  0.3000  60.00 %      7.5',
    'runs/a-2           mlp    mnist       1       2     2     70.00 %  0.4000  90.00 %      7.5',
    '',
  ])
})

test('on a narrow terminal, which run and how good it is', async () => {
  const { out } = await inProcess(four(), ['runs', '--limit', '1'], { columns: 40 })
  expect(out.split('\n')).toEqual([
    '<dim>run                model  validation</>',
    'runs/seeds/seed-1  mlp       90.00 %',
    '',
  ])
})

test('--quiet: the folders alone, and of two runs what differs', async () => {
  const cwd = four()
  appendFileSync(join(cwd, 'runs/new/config.json'), 'cut')
  const { code, out, err } = await inProcess(cwd, ['runs', '--quiet'])
  expect([code, out, err]).toEqual([0, 'runs/seeds/seed-1\nruns/a-10\nruns/a-2\n', ''])
  const diff = await inProcess(cwd, ['runs', 'diff', 'runs/a-2', 'runs/a-10', '--quiet'])
  expect(diff.out.split('\n')).toContain('seed')
  expect(diff.out).not.toContain('7')
})

test('a folder that is a run is that run', async () => {
  const { out } = await inProcess(four(), ['runs', 'runs/a-2', '--json'])
  expect(namesOf(out)).toEqual(['runs/a-2'])
})

test('what cannot be read is left out by name, and the rest is listed', async () => {
  const cwd = four()
  appendFileSync(join(cwd, 'runs/a-2/metrics.jsonl'), '{"event":"ep')
  writeFileSync(join(cwd, 'runs/a-10/config.json'), '[]')
  const { code, out, err } = await inProcess(cwd, ['runs', '--json'])
  expect([code, namesOf(out)]).toEqual([0, ['runs/seeds/seed-1', 'runs/new']])
  expect(err.split('\n')).toEqual([
    expect.stringMatching(/^left out .*a-2: .*metrics\.jsonl, line 4: is not whole \(/),
    expect.stringMatching(/^left out .*a-10: .*config\.json: is not an object$/),
    '',
  ])
})

test('no folder, no run, too many words', async () => {
  const cwd = temporaryFolder()
  const call = (...args: string[]) => inProcess(cwd, ['runs', ...args])
  expect(await call()).toEqual({
    code: 1,
    out: '',
    err: `error: ${join(cwd, 'runs')}: there is no such folder\n`,
  })
  expect(await call('.')).toEqual({ code: 1, out: '', err: `error: ${cwd}: no run is in it\n` })
  expect(await call('a', 'b')).toMatchObject({ code: 2, err: expect.stringContaining('got a b') })
  expect(await call('diff', 'a')).toMatchObject({ code: 2, err: expect.stringContaining('two runs, got 1') })
  expect(await call('diff', 'a', 'b')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/cannot read .*config\.json: no such file/),
  })
  expect(await call('--by', 'accuracy')).toMatchObject({ code: 2 })
  expect(await call('--limit', '0')).toMatchObject({
    code: 2,
    err: expect.stringContaining('expected a whole number, 1 or more'),
  })
})

test('diff: settings that differ, inner ones too, then results that do', async () => {
  const cwd = four()
  write(cwd, 'other', {
    config: { seed: 7, lr: 0.1, versions: { node: '24', handgrad: '1' }, shape: [1, 2] },
    epochs: [[0.3, 0.75], [0.3, 0.99]], // biome-ignore format: an epoch each
    tested: 0.65,
  })
  write(cwd, 'same', { config: { seed: 7, versions: { node: '22', handgrad: '1' }, shape: [1, 2] } })
  const found = await inProcess(cwd, ['runs', 'diff', 'runs/a-10', 'other', '--json'])
  expect(JSON.parse(found.out)).toEqual({
    a: join(cwd, 'runs/a-10'),
    b: join(cwd, 'other'),
    settings: [
      { what: 'lr', b: 0.1 },
      { what: 'versions.node', b: '24' },
      { what: 'versions.handgrad', b: '1' },
      { what: 'shape', b: [1, 2] },
    ],
    results: [{ what: 'test accuracy', a: 0.6, b: 0.65 }],
  })
  const { code, out } = await inProcess(cwd, ['runs', 'diff', 'other', 'same'])
  expect(code).toBe(0)
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['<dim>', 'other', 'same</>'],
    ['lr', '0.1', '(none)'],
    ['versions.node', '"24"', '"22"'],
    [''],
    ['epochs', '2', '0'],
    ['best epoch', '1', '(none)'],
    ['best validation loss', '0.3', '(none)'],
    ['best validation accuracy', '0.75', '(none)'],
    ['last training loss', '20', '(none)'],
    ['test loss', '3', '(none)'],
    ['test accuracy', '0.65', '(none)'],
    [''],
  ])
  expect((await inProcess(cwd, ['runs', 'diff', 'same', 'same'])).out).toBe('nothing differs\n')
})
