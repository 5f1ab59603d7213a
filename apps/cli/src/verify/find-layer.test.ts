import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseBundle } from '@handgrad/gradcheck'
import { Linear } from '@handgrad/layers'
import { defaultGenerator, manualSeed, saveSafetensors, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { exitCodes } from '../errors.ts'
import { temporaryFolder } from '../test/handgrad.ts'
import { findLayer } from './find-layer.ts'

const [single, double] = [tensor([1, 2]), tensor([1, 2], [2], { dtype: 'float64' })]
const bundleOf = (module: string, args: unknown[] = [], options: Record<string, unknown> = {}) =>
  parseBundle(
    JSON.stringify({ format: 1, module, args, options, cases: [{ name: 'a', inputs: ['x'] }] }),
    saveSafetensors({
      'a/x': single,
      'a/dy': single,
      'a/float32/y': single,
      'a/float64/y': double,
      'a/float32/dx': single,
      'a/float64/dx': double,
    }),
  )

describe('a module with a layer', () => {
  const load = async (name: string, source: string) => {
    const path = join(temporaryFolder(), name)
    writeFileSync(path, source)
    return findLayer(path, bundleOf('nn.X')).catch((error: unknown) => error)
  }
  const refusal = (message: RegExp) => ({
    exitCode: exitCodes.usage,
    message: expect.stringMatching(message),
  })

  it.each([
    [
      'with a syntax error',
      'a.mjs',
      'export class Swish {\n  forward( {\n}\n',
      /^--layer: \S+a\.mjs cannot be loaded: \S.*$/,
    ],
    ['that throws', 'b.mjs', 'throw new Error("no\\nluck")', /b\.mjs cannot be loaded: no luck$/],
    [
      'whose dependency is not here',
      'c.mjs',
      'import "not-installed"',
      /c\.mjs cannot be loaded: .*not-installed/,
    ],
    [
      'with two classes',
      'd.mjs',
      'export class A {}\nexport class B {}',
      /d\.mjs exports 2 classes; expected a function createLayer\(bundle, dtype\), or one class$/,
    ],
    ['without one', 'e.mjs', 'export const A = 1', /e\.mjs exports 0 classes; expected/],
  ])('%s is refused', async (_, name, source, message) => {
    expect(await load(name, source)).toMatchObject(refusal(message))
  })

  it('that is not there is refused', async () => {
    const found = findLayer('/nowhere/layer.ts', bundleOf('nn.X'))
    await expect(found).rejects.toMatchObject(refusal(/^--layer: there is no file \/nowhere\/layer\.ts$/))
  })

  it('makes it by its function, or constructs its class', async () => {
    const made = await load('f.mjs', 'export const createLayer = (bundle, dtype) => [bundle.module, dtype]')
    expect((made as Awaited<ReturnType<typeof findLayer>>)(bundleOf('nn.Y'), 'float64')).toEqual([
      'nn.Y',
      'float64',
    ])
    const of = await load('g.mjs', 'export class A { constructor(...args) { this.args = args } }')
    const layer = (of as Awaited<ReturnType<typeof findLayer>>)(
      bundleOf('nn.A', [3, 'b'], { label_smoothing: 0.5 }),
      'float32',
    )
    expect(layer).toMatchObject({ args: [3, 'b', { labelSmoothing: 0.5, dtype: 'float32' }] })
  })
})

describe('a layer of ours', () => {
  it('has the name that the bundle gives', async () => {
    const make = await findLayer(undefined, bundleOf('torch.nn.Linear'))
    const layer = make(bundleOf('nn.Linear', [4, 3], { bias: false }), 'float64')
    expect(layer).toBeInstanceOf(Linear)
    expect([...layer.namedParameters!()].map(([name, { shape, dtype }]) => [name, shape, dtype])).toEqual([
      ['weight', [3, 4], 'float64'],
    ])
  })

  it.each([
    ['nn.ReLU', [], {}],
    ['nn.MaxPool2d', [2], { ceil_mode: true }],
    ['nn.CrossEntropyLoss', [], { label_smoothing: 0.5 }],
  ])('without parameters takes no dtype: %s', async (module, args, options) => {
    const make = await findLayer(undefined, bundleOf(module))
    const layer = make(bundleOf(module, args, options), 'float64')
    expect(layer.constructor.name).toBe(module.slice('nn.'.length))
  })

  it('draws once, whatever its precision', async () => {
    const make = await findLayer(undefined, bundleOf('nn.Linear'))
    for (const dtype of ['float32', 'float64'] as const) {
      manualSeed(1)
      const { weight: expected } = new Linear(4, 3, { dtype })
      const next = defaultGenerator.random53()
      manualSeed(1)
      const [[, weight]] = make(bundleOf('nn.Linear', [4, 3]), dtype).namedParameters!()
      expect([weight, defaultGenerator.random53()]).toEqual([expected, next])
    }
  })

  it('that there is not is refused', async () => {
    await expect(findLayer(undefined, bundleOf('nn.SiLU'))).rejects.toMatchObject({
      exitCode: exitCodes.usage,
      message: 'there is no layer nn.SiLU here: name yours with --layer <file>',
    })
    await expect(findLayer(undefined, bundleOf('nn.manualSeed'))).rejects.toThrow('there is no layer')
  })
})
