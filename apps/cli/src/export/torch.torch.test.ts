import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  loadRunState,
  type RunState,
  resolveConfig,
  saveRunState,
  TrainingRun,
  type TrainOptions,
} from '@handgrad/trainer'
import { expect, test } from 'vitest'
import { jsonLines, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { loadData } from '../train/load-data.ts'
import { target } from './torch.ts'

/** 2048 training images: 32 steps an epoch. */
const STEPS = 32
const recipes: [string, TrainOptions][] = [
  ['SGD with momentum, one cycle', { momentum: 0.5, lr: 0.05 }],
  ['Adam, steps, shifted images', { optimizer: 'adam', schedule: 'step', shift: 2 }],
  ['plain SGD, constant rate', { preset: 'seed', model: 'lenet5' }],
]

/** The loss of every training step from `state` or the start, and the state after each epoch. */
async function train(
  options: TrainOptions,
  state?: RunState,
): Promise<{ losses: number[]; states: RunState[] }> {
  const config = state?.config ?? resolveConfig({ seed: 7, epochs: 3, limit: 2560, threads: 1, ...options })
  const run = new TrainingRun(config, await loadData(config, undefined), state)
  const losses: number[] = []
  const states: RunState[] = []
  let sum = 0
  for await (const event of run.events()) {
    if (event.event === 'epoch') states.push(loadRunState(saveRunState(run.state())))
    if (event.event !== 'progress' || event.phase !== 'train') continue
    // Events have the mean of the epoch so far; all its batches are of one size.
    const before: number = event.batch === 1 ? 0 : sum
    sum = event.loss * event.batch
    losses.push(sum - before)
  }
  return { losses, states }
}

/** Exports a run that stands at `state` to a new folder. */
async function exported(state: RunState): Promise<string> {
  const run = temporaryFolder()
  writeFileSync(join(run, 'state.safetensors'), saveRunState(state))
  writeFileSync(join(run, 'config.json'), JSON.stringify({ ...state.config, dataDir: null }))
  const out = join(run, 'beyond')
  await target.write({ source: run, model: undefined, out, note: () => expect.unreachable() })
  return out
}

/** The losses of the steps that train.py in `folder` makes, started by `command`. */
function inTorch(folder: string, args: readonly string[], command: readonly string[] = []): number[] {
  const python = process.env['HANDGRAD_PYTHON']
  if (python === undefined) throw new Error('HANDGRAD_PYTHON is not set: run pnpm test:torch')
  const out = execFileSync(python, [...command, join(folder, 'train.py'), '--each-step', ...args], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  })
  return jsonLines(out)
    .filter(({ event }) => event === 'step')
    .map(({ loss }) => loss as number)
}

const saved = (folder: string): RunState => loadRunState(readFileSync(join(folder, 'state.safetensors')))

function farthest(ours: readonly number[], theirs: readonly number[]): number {
  expect(ours).toHaveLength(theirs.length)
  return Math.max(...ours.map((loss, i) => Math.abs(loss - theirs[i]) / Math.abs(theirs[i])))
}

test.each(recipes)(
  '%s: begun here, continued in PyTorch, ended here, as without a break',
  async (_, recipe) => {
    const whole = await train(recipe)
    expect(whole.losses).toHaveLength(3 * STEPS)
    const folder = await exported(whole.states[0])
    const theirs = inTorch(folder, ['--until', '2'])
    expect(theirs).toHaveLength(STEPS)
    expect(farthest(theirs, whole.losses.slice(STEPS, 2 * STEPS))).toBeLessThan(1e-4)
    const back = saved(folder)
    // The same numbers were drawn: the generators stand at the same place, bit for bit.
    expect(back.generator).toEqual(whole.states[1].generator)
    const { losses } = await train(recipe, back)
    expect(farthest(losses, whole.losses.slice(2 * STEPS))).toBeLessThan(1e-3)
  },
)

test('in any of its layouts the data of the run is taken, and other data is refused', async () => {
  const cwd = temporaryFolder()
  const files = idxFiles(40)
  const own = writeFiles(join(cwd, 'own'), files)
  const config = resolveConfig({ preset: 'seed', epochs: 1, threads: 1 })
  const folder = await exported(new TrainingRun(config, await loadData(config, own)).state())
  const losses = inTorch(folder, [])
  const kaggle = join(cwd, 'kaggle')
  for (const [name, bytes] of Object.entries(files)) {
    writeFiles(join(kaggle, name), { [name]: gzipSync(bytes) })
  }
  const again = await exported(new TrainingRun(config, await loadData(config, own)).state())
  expect(inTorch(again, ['--data-dir', kaggle])).toEqual(losses)
  files['t10k-labels-idx1-ubyte'][47] ^= 1
  const other = writeFiles(join(cwd, 'other'), files)
  expect(() => inTorch(again, ['--data-dir', other])).toThrow(
    `${other}: is not the data that the run was made with, mnist in ${own}`,
  )
  expect(() => inTorch(again, ['--data-dir', cwd])).toThrow(`${cwd}: has no train-images-idx3-ubyte`)
})

test('two gloo processes take the steps of one', { timeout: 600_000 }, async () => {
  const { states } = await train(recipes[0][1])
  const alone = await exported(states[0])
  const both = join(temporaryFolder(), 'both')
  mkdirSync(both)
  cpSync(alone, both, { recursive: true })
  const torchrun = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2']
  const one = inTorch(alone, [])
  const two = inTorch(both, [], torchrun)
  expect(one).toHaveLength(2 * STEPS)
  expect(farthest(two, one)).toBeLessThan(1e-4)
  expect(saved(both).generator).toEqual(saved(alone).generator)
  expect(saved(both).history).toHaveLength(3)
})
