import { loadSafetensors, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { loadedCases, packCases } from './files.ts'
import { readNpz } from './npz.ts'

const wide = { dtype: 'float64' } as const
const source = {
  folder: 'thing',
  spec: null,
  fixture: {
    file: {
      kind: 'module' as const,
      cases: [{ name: 'one', torch: 'nn.Thing', args: [2], options: {}, hash: 'abc' }],
    },
    inputs: { 'one/x': tensor([1, 2]) },
    golden: {
      'one/float64/y': tensor([Number.NaN, 0.5], [2], wide),
      'one/float32/y': tensor([Number.NaN, 0.5]),
      'one/float64/dx': tensor([0, 0.1], [2], wide),
      'one/float32/dx': tensor([-0, 0.15]),
    },
  },
}

describe('a case as files', () => {
  it('keeps what PyTorch gave in float32, where it is not the rounded value in every bit, as steps', () => {
    const [{ id, files }] = packCases(source as never)
    expect(id).toBe('thing/one')
    const names = ['dx', 'steps/dx', 'y']
    const expected = loadSafetensors(files['expected.safetensors'])
    expect(Object.keys(expected).sort()).toEqual(names)
    expect(Object.keys(readNpz(files['expected.npz'])).sort()).toEqual(names)
    // −0 for 0, and 0.15 for 0.1: their bits, as whole numbers.
    const bits = new Int32Array(Float32Array.of(0.1, 0.15).buffer)
    expect([...expected['steps/dx'].data]).toEqual([-(2 ** 31), bits[1] - bits[0]])
    expect(readNpz(files['expected.npz'])['steps/dx'].tensor.data).toEqual(expected['steps/dx'].data)
    expect(Object.keys(loadSafetensors(files['inputs.safetensors']))).toEqual(['x'])
    expect(Object.keys(readNpz(files['inputs.npz']))).toEqual(['x'])
  })

  it('says what the case is, and nothing of where it comes from', () => {
    const [{ files }] = packCases(source as never)
    const text = new TextDecoder().decode(files['case.json'])
    expect(text.endsWith('}\n')).toBe(true)
    const about = JSON.parse(text)
    expect(about).toMatchObject({
      id: 'thing/one',
      kind: 'module',
      name: 'one',
      torch: 'nn.Thing',
      args: [2],
    })
    expect(Object.keys(about)).not.toContain('hash')
    expect(about.outputs).toMatchObject([
      { name: 'y', shape: [2], single: true, not: { float16: 'underived', bfloat16: 'underived' } },
      { name: 'dx', shape: [2], single: false },
    ])
  })

  it('is read as golden values, and steps by the name of theirs', () => {
    const [{ expected, steps }] = loadedCases(source as never)
    expect(Object.keys(expected)).toEqual(['y', 'dx'])
    expect(Object.keys(steps)).toEqual(['dx'])
  })

  it('has tolerances of the types that are wanted alone', () => {
    const [{ about }] = loadedCases(source as never, ['float32'])
    // Four times PyTorch's own error in float32, 0.05, is more than the largest value.
    expect(about.outputs[1]).toMatchObject({ allowed: {}, not: { float32: 'loose' } })
    expect(Object.keys(about.outputs[1].not!)).toEqual(['float32'])
    expect(Object.keys(about.outputs[0].allowed)).toEqual(['float32'])
  })
})
