import { saveSafetensors, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { about, bundle, tensors } from '../test/scale-bundle.ts'
import { BundleError, parseBundle } from './bundle.ts'

describe('parseBundle', () => {
  it.each<[string, unknown, string | RegExp]>([
    ['no JSON', '{', /^bundle\.json: /],
    ['a list', '[]', 'bundle.json: expected an object'],
    ['another format', { ...about, format: 2 }, 'bundle.json: format is 2, expected 1'],
    ['no format', { ...about, format: undefined }, 'bundle.json: format is undefined, expected 1'],
    ['no module', { ...about, module: 3 }, 'bundle.json: module is no text'],
    ['args that are none', { ...about, args: {} }, 'bundle.json: args is no list, or options no object'],
    [
      'options that are none',
      { ...about, options: [] },
      'bundle.json: args is no list, or options no object',
    ],
    ['another mode', { ...about, mode: 'test' }, 'bundle.json: mode is test, expected train or eval'],
    ['no cases', { ...about, cases: [] }, 'bundle.json: there are no cases'],
    ['cases that are none', { ...about, cases: {} }, 'bundle.json: there are no cases'],
    ['a case without a name', { ...about, cases: [{ inputs: ['x'] }] }, 'bundle.json: a case has no name'],
    ['a case that is none', { ...about, cases: [null] }, 'bundle.json: a case has no name'],
    [
      'a case without inputs',
      { ...about, cases: [{ name: 'one', inputs: [] }] },
      "bundle.json: case 'one' names no inputs",
    ],
    [
      'inputs without names',
      { ...about, cases: [{ name: 'one', inputs: [1] }] },
      "bundle.json: case 'one' names no inputs",
    ],
    [
      'a seed that is none',
      { ...about, cases: [{ name: 'one', inputs: ['x'], seed: 'a' }] },
      "bundle.json: the seed of 'one' is no number",
    ],
    [
      'two cases of one name',
      { ...about, cases: [about.cases[0], about.cases[0]] },
      "bundle.json: two cases are called 'one'",
    ],
    [
      'a tensor missing',
      { ...about, cases: [{ name: 'two', inputs: ['x'] }] },
      "tensors.safetensors: there is no 'two/x'",
    ],
  ])('refuses %s', (_, json, message) => {
    const text = typeof json === 'string' ? json : JSON.stringify(json)
    const parse = (): unknown => parseBundle(text, saveSafetensors(tensors))
    expect(parse).toThrow(BundleError)
    expect(parse).toThrow(expect.objectContaining({ name: 'BundleError' }))
    expect(parse).toThrow(message)
  })

  it.each(['x', 'dy', 'float32/y', 'float64/y', 'float32/dx', 'float64/dx'])(
    'refuses a file without %s',
    (key) => {
      const { [`one/${key}`]: _, ...others } = tensors
      expect(() => parseBundle(JSON.stringify(about), saveSafetensors(others))).toThrow(
        new BundleError(`tensors.safetensors: there is no 'one/${key}'`),
      )
    },
  )

  it.each<[string, string, Tensor, string]>([
    ['in another precision', 'float64/y', tensor([1, 2, 3]), "'one/float64/y' is float32, expected float64"],
    [
      'of another shape',
      'float32/dx',
      tensor([[1, 2, 3]]),
      "'one/float64/dx' has shape [3], 'one/float32/dx' has [1,3]",
    ],
    ['in one precision alone', 'float32/dgain', tensor([1]), "there is no 'one/float64/dgain'"],
  ])('refuses golden values %s', (_, key, value, message) => {
    const changed = { ...tensors, [`one/${key}`]: value }
    expect(() => parseBundle(JSON.stringify(about), saveSafetensors(changed))).toThrow(
      new BundleError(`tensors.safetensors: ${message}`),
    )
  })

  it('refuses bytes that are no safetensors', () => {
    expect(() => parseBundle(JSON.stringify(about), new Uint8Array(5))).toThrow(/^tensors\.safetensors: /)
  })

  it('gives all that it says, with what is left out', () => {
    expect(bundle).toMatchObject({
      format: 1,
      module: 'Scale',
      args: [],
      options: {},
      mode: 'train',
      cases: about.cases,
    })
  })

  it('reads a bundle in evaluation, and keeps control characters out of what it says', () => {
    const bytes = saveSafetensors(tensors)
    expect(parseBundle(JSON.stringify({ ...about, mode: 'eval' }), bytes).mode).toBe('eval')
    let said = ''
    try {
      parseBundle('x\u0007\u001b[31m', bytes)
    } catch (error) {
      said = (error as Error).message
    }
    expect(said).toMatch(/^bundle\.json: .*\[31m/)
    expect(said).not.toMatch(/\p{Cc}/u)
  })
})
