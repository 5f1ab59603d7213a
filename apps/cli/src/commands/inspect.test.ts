import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Conv2d, Flatten, Linear, ReLU, Sequential } from '@handgrad/layers'
import { currentBackend, tensor, useBackend } from '@handgrad/tensor'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { networkTable } from '../inspect/layers.ts'
import { oneStep, statisticsOf } from '../inspect/step.ts'
import { inProcess, jsonLines, linesOf } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

const cwd = mkdtempSync(join(tmpdir(), 'handgrad-'))
const inForce = currentBackend()
afterEach(() => useBackend(inForce))

beforeAll(async () => {
  writeFiles(join(cwd, 'bars'), idxFiles(30))
  const words = 'train --data-dir bars --epochs 1 --batch-size 8 --threads 1 --out run'
  const { code, err } = await inProcess(cwd, words.split(' '))
  if (code !== 0) throw new Error(err)
}, 60_000)

test('parameters and work, counted by hand', () => {
  const net = new Sequential(
    new Conv2d(4, 6, 3, { groups: 2, stride: 2 }),
    new ReLU(),
    new Flatten(),
    new Linear(6 * 3 * 3, 5),
  )
  const { layers, parameters, multiplyAdds } = networkTable(net, [7, 4, 8, 8], 1)
  // Each of 6·3·3 outputs sums 2·3·3 products; each of 5 outputs 54.
  expect(layers.map((row) => [row.name, row.outputShape, row.parameters, row.multiplyAdds])).toEqual([
    ['0', [6, 3, 3], 6 * 2 * 9 + 6, 54 * 18],
    ['1', [6, 3, 3], 0, 0],
    ['2', [54], 0, 0],
    ['3', [5], 54 * 5 + 5, 270],
  ])
  expect([parameters, multiplyAdds]).toEqual([114 + 275, 972 + 270])
})

test('mean, deviation, norm and zeros', () => {
  expect(statisticsOf('x', tensor([0, 0, 3, 5]))).toEqual({
    name: 'x',
    mean: 2,
    deviation: Math.sqrt(4.5),
    norm: Math.sqrt(34),
    zeros: 0.5,
  })
})

test('a batch both ways, by hand', () => {
  const net = new Sequential(new Linear(2, 2, { bias: false }), new ReLU())
  net.parameters()[0].data.set([1, 0, 0, -1])
  const { loss, activations, gradients } = oneStep(net, tensor([[1, 2]]), tensor(Int32Array.of(1)))
  // Logits 1 and 0: the probability of class 1 is 1 / (1 + e).
  const share = 1 / (1 + Math.E)
  expect(loss).toBeCloseTo(-Math.log(share), 6)
  expect(activations.map(({ name, mean, zeros }) => [name, mean, zeros])).toEqual([
    ['images', 1.5, 0],
    ['0 Linear(2→2)', -0.5, 0],
    ['1 ReLU()', 0.5, 0.5],
  ])
  const [linear, relu, weight] = gradients
  expect([linear.name, relu.name, weight.name]).toEqual([
    'output of 0 Linear(2→2)',
    'output of 1 ReLU()',
    '0.weight',
  ])
  expect([relu.mean, linear.zeros, weight.zeros]).toEqual([expect.closeTo(0, 6), 0.5, 0.5])
  expect(weight.norm).toBeCloseTo((1 - share) * Math.sqrt(5), 5)
})

test('the layers of a run, for programs and for people', async () => {
  const { code, out, err } = await inProcess(cwd, 'inspect run --json --step --batch-size 16'.split(' '))
  expect([code, err]).toEqual([0, ''])
  const [found] = jsonLines(out)
  expect(found).toMatchObject({
    event: 'inspected',
    backend: inForce,
    inputShape: [16, 1, 28, 28],
    parameters: 8 * 9 + 8 + 16 * 72 + 16 + 7840 + 10,
    multiplyAdds: 784 * 72 + 196 * 1152 + 7840,
    bytes: expect.any(Number) as number,
    step: { loss: expect.any(Number) as number },
  })
  expect(found['layers']).toHaveLength(8)
  const shown = await inProcess(cwd, ['inspect', 'run'])
  const lines = linesOf(shown.out)
  expect(lines).toHaveLength(1 + 1 + 8 + 1)
  expect(lines[2]).toMatch(/^ 0 {2}Conv2d\(1→8, 3×3\) +\[8,28,28\] +80 +56,448 /)
  expect(lines.at(-1)).toMatch(/^9,098 parameters, 290,080 multiply-adds an image; a step takes \d+\.\d MB/)
})

test('--quiet: the totals alone, and the loss; a narrow terminal gets what fits', async () => {
  const quiet = await inProcess(cwd, 'inspect run --quiet --step --batch-size 4'.split(' '))
  expect(quiet).toMatchObject({ code: 0, err: '' })
  expect(quiet.out).toMatch(/^9,098 parameters, [^\n]+\none batch of training images: loss \d\.\d{4}\n$/)
  const { out } = await inProcess(cwd, ['inspect', 'run'], { columns: 40 })
  const lines = linesOf(out)
  expect(Math.max(...lines.map((line) => line.replace(/<\w+>|<\/>/g, '').length))).toBeLessThanOrEqual(40)
  const title = lines.findIndex((line) => line.includes('layer '))
  expect(lines[title + 1]).toMatch(/^ 0 {2}Conv2d\(1→8, 3×3\) +\[8,28,28\]$/)
})

test('the reference has no programs, and no memory of theirs', async () => {
  const { out } = await inProcess(cwd, 'inspect run --json --backend reference'.split(' '))
  const [found] = jsonLines(out)
  expect(found).toMatchObject({ backend: 'reference', bytes: null })
  expect((found['layers'] as { kernel: string }[]).map(({ kernel }) => kernel)).toEqual(
    Array(8).fill('reference'),
  )
})
