import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Conv2d, Linear } from '@handgrad/layers'
import { backends, tensor } from '@handgrad/tensor'
import { models } from '@handgrad/trainer'
import { expect, test } from 'vitest'
import networks from '../../../../bench/networks.json' with { type: 'json' }
import { LeakyReLU } from '../bench/leaky-relu.ts'
import { checkOptions } from '../bench/options.ts'
import { type OwnLayer, type Part, type Speed, sourcesHash } from '../bench/report.ts'
import { handgrad, jsonLines, temporaryFolder } from '../test/handgrad.ts'

test('what is refused, with exit code 2 and a line that says what was expected', async () => {
  const folder = temporaryFolder()
  const { code, err, out } = await handgrad(folder, ['bench', '--batches', '64', '0'])
  expect([code, err.trim(), out]).toEqual([2, "error: --batches '0': expected a whole number, 1 or more", ''])
  expect(() => checkOptions([], { peers: ['torch'] })).toThrow(
    "--peers 'torch': expected pytorch, onnxruntime, tfjs, jax-js, convnetjs, none",
  )
  expect(() => checkOptions(['pace'], {})).toThrow(
    "part 'pace': expected speed, kernels, own-layer, memory, accuracy",
  )
  expect(() => checkOptions([], { networks: ['vgg'] })).toThrow("--networks 'vgg': expected seed, lenet5")
  expect(() => checkOptions([], { modes: ['both'] })).toThrow("--modes 'both': expected train, infer")
  expect(() => checkOptions([], { pairs: '1.5' })).toThrow("--pairs '1.5'")
})

test('all that is judged is measured unless narrowed', () => {
  const full = checkOptions([], {})
  expect(full).toMatchObject({
    parts: ['speed', 'kernels', 'own-layer', 'memory'],
    threads: [1, 2],
    pairs: 7,
    compile: true,
  })
  expect(full.settings).toHaveLength(4 * 2 * 3)
  const quick = checkOptions([], { quick: true, peers: ['none'] })
  expect(quick).toMatchObject({ pairs: 3, peers: [], compile: false })
  expect(quick.settings).toEqual([
    { network: 'seed', mode: 'train', batch: 64 },
    { network: 'seed', mode: 'infer', batch: 64 },
  ])
})

test("the peers' networks are those of the library", () => {
  for (const [name, layers] of Object.entries(networks)) {
    const own = models[name]()
      .flat()
      .flatMap((layer) => {
        if (layer instanceof Linear) return [['linear', layer.inFeatures, layer.outFeatures]]
        if (!(layer instanceof Conv2d)) return []
        return [['conv', layer.inChannels, layer.outChannels, layer.weight.shape[2]]]
      })
    const theirs = layers
      .filter(([kind]) => kind === 'conv' || kind === 'linear')
      .map((layer) => layer.slice(0, 4))
    expect(theirs, name).toEqual(own)
  }
})

test('measures our own backends and reports them with their sources', { timeout: 120_000 }, async () => {
  const narrow =
    '--networks mlp --batches 8 --modes train --threads 1 --peers none --pairs 1 --milliseconds 5'
  const { code, out, err } = await handgrad(temporaryFolder(), [
    'bench',
    'speed',
    '--json',
    ...narrow.split(' '),
  ])
  expect([code, err]).toEqual([0, ''])
  const [report] = jsonLines(out) as unknown as [Part<Speed> & { part: string }]
  expect(report).toMatchObject({ part: 'speed', sources: sourcesHash(), pairs: 1, milliseconds: 5 })
  expect(report.commit).toMatch(/^[0-9a-f]{40}$/)
  const [{ speeds, ratios, leftOut }] = report.settings
  expect(leftOut).toEqual([])
  expect(speeds.map(({ name }) => name)).toEqual(
    expect.arrayContaining(backends().map((name) => `handgrad ${name}`)),
  )
  const best = `handgrad ${backends().at(-1)}`
  const loops = [`${best} loop`, `${best} loop without-dx`]
  expect(ratios.filter(({ against }) => against === best).map(({ name }) => name)).toEqual([
    ...loops,
    `${best} turbo`,
  ])
  for (const { imagesPerSecond } of speeds) expect(imagesPerSecond.low).toBeGreaterThan(0)
  expect(ratios).not.toEqual([])
})

test('what a layer of one’s own costs, in two places', { timeout: 120_000 }, async () => {
  const words = 'bench own-layer --json --pairs 1 --milliseconds 5 --peers none'
  const { code, out, err } = await handgrad(temporaryFolder(), words.split(' '))
  expect([code, err]).toEqual([0, ''])
  const [{ rows }] = jsonLines(out) as unknown as [Part<OwnLayer>]
  expect(rows.map(({ place }) => place)).toEqual(['behind the second pool', 'first ReLU'])
  // Five milliseconds tell nothing of how long it is: only that something was measured, and is in order.
  for (const { part } of rows) {
    expect([part.low, part.median, part.high].every(Number.isFinite)).toBe(true)
    expect(part.median).toBeGreaterThanOrEqual(part.low)
    expect(part.high).toBeGreaterThanOrEqual(part.median)
  }
})

test('the layer of one’s own has the gradient that it says', () => {
  const layer = new LeakyReLU()
  const x = tensor([-2, 0, 3], [1, 3])
  expect([...layer.forward(x).data]).toEqual([Math.fround(-0.02), 0, 3])
  const y = layer.forward(x)
  y.g = tensor([5, 7, 9], [1, 3])
  layer.bwd()
  expect([...x.g!.data]).toEqual([Math.fround(0.05), Math.fround(0.07), 9])
})

test('the hash of the sources follows what is run, and nothing else', () => {
  const folder = temporaryFolder()
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  write('pnpm-lock.yaml', 'a')
  write('packages/layers/src/relu/relu.ts', 'a')
  const before = sourcesHash(folder)
  for (const file of ['relu.test.ts', 'spec.ts', 'mutants.ts']) write(`packages/layers/src/relu/${file}`, 'a')
  write('apps/cli/src/main.ts', 'a')
  expect(sourcesHash(folder)).toBe(before)
  write('packages/layers/src/relu/relu.as.ts', 'a')
  const after = sourcesHash(folder)
  expect(after).not.toBe(before)
  write('packages/layers/src/relu/relu.ts', 'b')
  expect(sourcesHash(folder)).not.toBe(after)
  expect(sourcesHash()).toBe(sourcesHash(fileURLToPath(new URL('../../../../', import.meta.url))))
})
