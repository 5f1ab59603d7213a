import { backends } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { ourContenders, peers } from './contenders.ts'
import { speedTable } from './format.ts'
import type { RatioRow } from './report.ts'

// Its kernels make the backends.
await import('@handgrad/layers')
const best = backends().at(-1)!
const training = { network: 'seed', mode: 'train', batch: 64 } as const
const inference = { ...training, mode: 'infer' } as const

test("README's loop is one of ours on the last backend, in training, on any number of threads", () => {
  const ours = ourContenders('folder')
  expect(ours.map(({ name, configuration }) => [name, configuration])).toEqual([
    ...backends().map((name) => [`handgrad ${name}`, '']),
    [`handgrad ${best} loop`, 'loop'],
    [`handgrad ${best} loop without-dx`, 'loop without-dx'],
    [`handgrad ${best} turbo`, 'turbo'],
  ])
  const [step, loop, without, turbo] = ours.slice(-4)
  expect([step, loop, without, turbo].map(({ launch }) => launch.args.slice(1))).toEqual([
    ['folder', best],
    ['folder', best, 'loop'],
    ['folder', best, 'loop', 'without-dx'],
    ['folder', best, 'turbo'],
  ])
  for (const one of [loop, without]) {
    expect(one.threads(training, [1, 2])).toEqual([1, 2])
    expect(one.threads(inference, [1, 2])).toEqual([])
  }
  for (const one of [step, turbo]) expect(one.threads(inference, [1, 2])).toEqual([1, 2])
  expect(ours[0].threads(training, [1, 2])).toEqual([1])
})

test('PyTorch in its default format goes by a name of its own, in training', () => {
  const all = peers(['pytorch'], 'folder', 'python', false).filter(({ name }) => name !== 'PyTorch')
  expect(all.map(({ name, configuration }) => [name, configuration])).toEqual([
    ['PyTorch, default format', 'default, malloc thresholds raised'],
    ['PyTorch, default format', 'default'],
  ])
  expect(all.map(({ launch }) => launch.args.at(-1))).toEqual(['default', 'default'])
  expect(all.map((one) => one.threads(training, [1, 2]))).toEqual([
    [1, 2],
    [1, 2],
  ])
  expect(all.map((one) => one.threads(inference, [1, 2]))).toEqual([[], []])
})

test('the table shows the loop beside the step, and the last backend alone', () => {
  const ratio = (name: string, threads: number, against: string, againstThreads = threads): RatioRow => ({
    name: `handgrad ${name}`,
    threads,
    against,
    againstThreads,
    ratio: null,
    counted: 0,
    run: 1,
  })
  const shown = [
    ratio('simd', 1, 'peer'),
    ratio('simd', 2, 'handgrad simd', 1),
    ratio('simd loop', 1, 'peer'),
    ratio('simd loop', 1, 'handgrad simd'),
    ratio('simd turbo', 1, 'peer'),
  ]
  const left = [
    ratio('simd-plain', 1, 'peer'),
    ratio('simd', 1, 'handgrad simd-plain'),
    ratio('simd loop', 1, 'handgrad simd-plain'),
    ratio('simd turbo', 1, 'handgrad simd'),
    ratio('simd turbo', 1, 'handgrad simd loop'),
  ]
  const ratios = [...left.slice(0, 3), ...shown.slice(0, 4), ...left.slice(3), shown[4]]
  const lines = speedTable({ ...training, speeds: [], ratios, leftOut: [] }).slice(1, -1)
  expect(lines.map((line) => line.trim().split(/\s{2,}/)[1])).toEqual(
    shown.map(
      ({ name, threads, against, againstThreads }) =>
        `${name} on ${threads} : ${against} on ${againstThreads}; 0 of 1 pairs count`,
    ),
  )
})
