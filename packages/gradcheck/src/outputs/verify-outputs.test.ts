import { type DType, saveSafetensors, Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { PackOutput } from '../pack/layout.ts'
import { writeNpz } from '../pack/npz.ts'
import type { Precision } from '../ulp.ts'
import { type Answer, readAnswers } from './answers.ts'
import { permutations, permuted } from './lookalike.ts'
import { type Given, type LoadedCase, verifyOutputs } from './verify-outputs.ts'

const allowed = { float64: 1e-14, float32: 1e-5, float16: 0.05, bfloat16: 0.3 }

function caseOf(
  id: string,
  golden: Tensor,
  inputs: Record<string, Tensor<DType>>,
  own: Partial<PackOutput> = {},
): LoadedCase {
  const output: PackOutput = { name: 'y', shape: golden.shape, allowed, single: true, ...own }
  const about = {
    id,
    kind: 'module',
    name: id,
    torch: 'nn.X',
    args: [],
    options: {},
    outputs: [output],
  } as const
  return { about, inputs, expected: { [output.name]: golden }, steps: {} }
}

const wide = (values: readonly number[], shape: readonly number[]): Tensor =>
  tensor(values, shape, { dtype: 'float64' })
const answer = (
  values: readonly number[],
  shape: readonly number[],
  dtype: Precision = 'float32',
): Given => ({
  answers: {
    y: { tensor: tensor(values, shape, { dtype: dtype === 'float64' ? dtype : 'float32' }), dtype },
  },
})

const first = caseOf('a/first', wide([1, 2, 3, 4, 5, 6], [2, 3]), { x: tensor([9, 8, 7, 6, 5, 4], [2, 3]) })
const second = caseOf('a/second', wide([0.5, 2, -3, 4, 1, 7], [2, 3]), {
  x: tensor([1, 1, 2, 2, 3, 3], [3, 2]),
  target: new Tensor(BigInt64Array.of(5n, 4n, 3n, 2n, 1n, 0n), [6]),
})

/** The problems with one answer for `second`, beside a right one for `first`. */
function problems(
  values: readonly number[],
  shape: readonly number[] = [2, 3],
  dtype: Precision = 'float32',
) {
  const given = new Map([
    ['a/first', answer([1, 2, 3, 4, 5, 6], [2, 3])],
    ['a/second', answer(values, shape, dtype)],
  ])
  const report = verifyOutputs([first, second], given)
  expect(report.passed).toBe(Object.keys(report.problems).length === 0)
  expect(Object.keys(report.problems)).toEqual(report.passed ? [] : ['a/second'])
  return report.problems['a/second']?.join('\n') ?? null
}
const right = [0.5, 2, -3, 4, 1, 7]

describe('verifyOutputs', () => {
  it('takes a right answer in every type, within what the case says', () => {
    for (const dtype of ['float64', 'float32', 'float16', 'bfloat16'] as const)
      expect(problems(right, [2, 3], dtype)).toBeNull()
    expect(problems([0.5, 2, -3, 4.000009, 1, 7])).toBeNull()
    expect(problems([0.5, 2, -3, 4.00002, 1, 7])).toMatch(
      /^y \(float32\) \[1,0\]: expected 4, got 4\.0000\d+, .* apart \(4\d\.0 ULP\), allowed 0\.0000100$/,
    )
    expect(problems([0.5, 2, -3, 4.04, 1, 7], [2, 3], 'float16')).toBeNull()
    expect(problems([0.5, 2, -3, 4.06, 1, 7], [2, 3], 'float16')).toContain('allowed 0.0500')
  })

  it('names the worst element, not the first', () => {
    expect(problems([0.5, 2.1, -3, 4, 9, 7])).toContain('[1,1]: expected 1, got 9')
  })

  it('says where a float64 answer was computed in float32', () => {
    expect(problems([0.5, 2, -3, 4 + 1e-6, 1, 7], [2, 3], 'float64')).toContain(
      '; right in float32: write float32',
    )
    expect(problems([0.5, 2, -3, 4.1, 1, 7], [2, 3], 'float64')).not.toContain('right in float32')
  })

  it.each<[string, readonly number[], readonly number[]]>([
    ['is all zero', [0, 0, 0, 0, 0, 0], [2, 3]],
    ['is 2.5 everywhere', [2.5, 2.5, 2.5, 2.5, 2.5, 2.5], [2, 3]],
    ['is a copy of x', [1, 1, 2, 2, 3, 3], [2, 3]],
    ['is a copy of target', [5, 4, 3, 2, 1, 0], [2, 3]],
    ['is the answer of a/first', [1, 2, 3, 4, 5, 6], [2, 3]],
    ['is the right answer with its axes in the order 1, 0', [0.5, 4, 2, 1, -3, 7], [2, 3]],
    [
      'has shape [3,2], expected [2,3]; is the right answer with its axes in the order 1, 0',
      [0.5, 4, 2, 1, -3, 7],
      [3, 2],
    ],
  ])('refuses by name what %s', (message, values, shape) => {
    expect(problems(values, shape)).toContain(`${message}, which the expected values are not`)
  })

  it('knows an answer that was given twice, even a wrong one', () => {
    const wrong = [3, 1, 4, 1, 5, 9]
    const given = new Map([
      ['a/first', answer(wrong, [2, 3])],
      ['a/second', answer(wrong, [2, 3])],
    ])
    expect(verifyOutputs([first, second], given).problems['a/second'][0]).toContain(
      'is what was given for a/first',
    )
  })

  it('refuses what is vacuous even where the tolerance would take it', () => {
    const loose = caseOf('a/loose', wide([0.1, 0.2, 0.15, 0.3], [4]), {
      x: tensor([0.12, 0.22, 0.1, 0.25]),
    })
    const found = (values: readonly number[], dtype: Precision) =>
      verifyOutputs([loose], new Map([['a/loose', answer(values, [values.length], dtype)]])).problems[
        'a/loose'
      ]?.[0] ?? null
    expect(found([0, 0, 0, 0], 'bfloat16')).toContain('is all zero')
    expect(found([0.12, 0.22, 0.1, 0.25].map(Math.fround), 'bfloat16')).toBeNull()
    expect(found([0.1201171875, 0.2197265625, 0.10009765625, 0.25], 'bfloat16')).toContain('is a copy of x')
    expect(found([0.11, 0.21, 0.14, 0.3], 'bfloat16')).toBeNull()
  })

  it('takes three right numbers that another case has by chance, but no three zeros', () => {
    const one = caseOf('a/one', wide([0.1, 0.2, 0.15], [3]), { x: tensor([0.1, 0.25, 0.15]) })
    const found = (values: readonly number[]) =>
      verifyOutputs([one], new Map([['a/one', answer(values, [3], 'bfloat16')]])).passed
    expect(found([0.10009765625, 0.25, 0.150390625])).toBe(true)
    expect(found([0, 0, 0])).toBe(false)
  })

  it('lets a golden value be what it is itself', () => {
    const cases: [Tensor, readonly number[]][] = [
      [wide([0, 0, 0], [3]), [0, 0, 0]],
      [wide([7, 7, 7], [3]), [7, 7, 7]],
      [wide([9, 8, 7], [3]), [9, 8, 7]],
      [wide([1, 2, 2, 1], [2, 2]), [1, 2, 2, 1]],
      [wide([], [0, 3]), []],
    ]
    for (const [golden, values] of cases) {
      const one = caseOf('a/self', golden, { x: tensor([9, 8, 7]) })
      const twin = caseOf('a/twin', golden, {})
      const given = new Map([
        ['a/self', answer(values, golden.shape)],
        ['a/twin', answer(values, golden.shape)],
      ])
      expect(verifyOutputs([one, twin], given)).toMatchObject({ passed: true, problems: {} })
    }
  })

  it('names a number everywhere only where it is a number, and there are several', () => {
    const of = (golden: readonly number[], values: readonly number[]) =>
      verifyOutputs(
        [caseOf('a/few', wide(golden, [golden.length]), {})],
        new Map([['a/few', answer(values, [values.length])]]),
      ).problems['a/few'].join()
    expect(of([2], [3])).not.toContain('everywhere')
    expect(of([2, 3], [4, 4])).toContain('is 4 everywhere')
    expect(of([2, 3], [NaN, NaN])).not.toContain('everywhere')
  })

  it('takes what four roundings explain, and no more', () => {
    const of = (last: number) =>
      verifyOutputs(
        [caseOf('a/near', wide([1, 1, 1, last], [4]), {})],
        new Map([['a/near', answer([1, 1, 1, 1], [4])]]),
      ).passed
    expect(of(1 + 2 ** -22)).toBe(true)
    expect(of(1 + 3 * 2 ** -23)).toBe(false)
  })

  it('names a copy of an input that is a little off, and one of three elements, where it is wrong anyway', () => {
    expect(problems([1 + 1e-6, 1, 2, 2, 3, 3])).toContain('is a copy of x')
    const three = caseOf('a/three', wide([1, 2, 3], [3]), { x: tensor([7, 8, 9]) })
    const { problems: found } = verifyOutputs([three], new Map([['a/three', answer([7, 8, 9], [3])]]))
    expect(found['a/three'][0]).toContain('is a copy of x')
  })

  it('says of another number of elements that alone, and that nothing is near', () => {
    const { problems: found, tensors } = verifyOutputs([first], new Map([['a/first', answer([0, 0], [2])]]))
    expect(found['a/first']).toEqual(['y (float32) has shape [2], expected [2,3]'])
    expect(tensors[0].ulps).toBe(Number.POSITIVE_INFINITY)
  })

  it('turns five axes, and no more', () => {
    const of = (shape: readonly number[]) => {
      const turned = caseOf('a/turned', wide([1, 2, 3, 4, 5, 6], [...shape, 2, 3]), {})
      const given = new Map([['a/turned', answer([1, 4, 2, 5, 3, 6], [...shape, 2, 3])]])
      return verifyOutputs([turned], given).problems['a/turned'][0]
    }
    expect(of([1, 1, 1])).toContain('with its axes in the order 0, 1, 2, 4, 3')
    expect(of([1, 1, 1, 1])).not.toContain('its axes')
  })

  it('counts ULP in the type of the answer', () => {
    const given = new Map([['a/second', answer([0.5, 2, -3, 4.0625, 1, 7], [2, 3], 'bfloat16')]])
    expect(verifyOutputs([second], given).tensors[0]).toMatchObject({ verdict: 'right', ulps: 2 })
  })

  it('says that float32 would do up to just what that allows', () => {
    const hinted = caseOf('a/hinted', wide([1, 2], [2]), {}, { allowed: { float64: 0, float32: 0.5 } })
    const of = (value: number) =>
      verifyOutputs([hinted], new Map([['a/hinted', answer([1, value], [2], 'float64')]])).problems[
        'a/hinted'
      ][0]
    expect(of(2.5)).toContain('right in float32')
    expect(of(2.501)).not.toContain('right in float32')
  })

  it('still names what is vacuous where the golden value is another such thing', () => {
    const copied = caseOf('a/copy', wide([9, 8, 7], [3]), { x: tensor([9, 8, 7]) })
    const report = verifyOutputs([copied], new Map([['a/copy', answer([0, 0, 0], [3])]]))
    expect(report.problems['a/copy'][0]).toContain('is all zero')
  })

  it('misses no tensor, and takes none that is not asked for', () => {
    const none = verifyOutputs([first], new Map<string, Given>([['a/first', { answers: {} }]]))
    expect(none).toMatchObject({ passed: false, problems: { 'a/first': ['y is missing'] } })
    const { y } = (answer([1, 2, 3, 4, 5, 6], [2, 3]) as { answers: Record<string, Answer> }).answers
    const more = verifyOutputs([first], new Map<string, Given>([['a/first', { answers: { y, z: y } }]]))
    expect(more.problems['a/first']).toEqual(['there is no z in this case: expected y'])
    const strange = verifyOutputs([first], new Map([['b/first', answer([1], [1])]]))
    expect(strange.problems).toEqual({ 'b/first': ['the pack has no such case'] })
    expect(verifyOutputs([first], new Map())).toMatchObject({ passed: false, notOffered: ['a/first'] })
  })

  it('counts what a layer keeps as part of the forward pass', () => {
    const kept = caseOf('a/kept', wide([1, 2], [2]), {}, { name: 'buffer.running_mean' })
    const nothing = new Map<string, Given>([['a/kept', { answers: {} }]])
    const { problems: found } = verifyOutputs([kept], nothing, { forward: true })
    expect(found['a/kept']).toEqual(['buffer.running_mean is missing'])
  })

  it('asks for the forward pass alone where told', () => {
    const dx = caseOf('a/back', wide([1, 2], [2]), {}, { name: 'dx' })
    const both = {
      ...first,
      about: { ...first.about, outputs: [...first.about.outputs, ...dx.about.outputs] },
    }
    const loaded = { ...both, expected: { ...first.expected, ...dx.expected } }
    const given = new Map([['a/first', answer([1, 2, 3, 4, 5, 6], [2, 3])]])
    expect(verifyOutputs([loaded], given).problems['a/first']).toEqual(['dx is missing'])
    expect(verifyOutputs([loaded], given, { forward: true }).passed).toBe(true)
  })

  it('judges nothing in a type without a tolerance, except what is vacuous', () => {
    const { bfloat16: _, ...others } = allowed
    const wild = caseOf('a/wild', wide([1, 2, 4], [3]), {}, { allowed: others, not: { bfloat16: 'wild' } })
    const found = (values: readonly number[]) =>
      verifyOutputs([wild], new Map([['a/wild', answer(values, [3], 'bfloat16')]])).tensors[0].verdict
    expect([found([1, 9, 4]), found([NaN, NaN, NaN]), found([0, 0, 0])]).toEqual([
      'not judged',
      'not judged',
      'WRONG',
    ])
  })

  it('tells NaN and infinities from numbers', () => {
    const odd = caseOf('a/odd', wide([NaN, Infinity, 1], [3]), {})
    const found = (values: readonly number[]) =>
      verifyOutputs([odd], new Map([['a/odd', answer(values, [3])]])).problems['a/odd']?.[0] ?? null
    expect(found([NaN, Infinity, 1])).toBeNull()
    expect(found([NaN, NaN, 1])).toContain('[1]: expected Infinity, got NaN')
    expect(found([0, Infinity, 1])).toContain('[0]: expected NaN, got 0')
  })
})

describe('the orders of axes', () => {
  it('are all but their own', () => {
    expect([permutations(1), permutations(2), permutations(3).length]).toEqual([[], [[1, 0]], 5])
  })

  it('give what a transposed file would hold', () => {
    const x = tensor([0, 1, 2, 3, 4, 5], [1, 2, 3])
    expect([...permuted(x, [0, 2, 1])]).toEqual([0, 3, 1, 4, 2, 5])
    expect([...permuted(x, [2, 0, 1])]).toEqual([0, 3, 1, 4, 2, 5])
    expect([...permuted(tensor([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2]), [2, 1, 0])]).toEqual([
      0, 4, 2, 6, 1, 5, 3, 7,
    ])
  })
})

describe('the files of answers', () => {
  const header = (dtype: string, bytes: number) => {
    const text = JSON.stringify({ y: { dtype, shape: [1], data_offsets: [0, bytes] } }).padEnd(64)
    return new Uint8Array([
      text.length,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      ...new TextEncoder().encode(text),
      ...new Uint8Array(bytes),
    ])
  }

  it('say their types', () => {
    const dtypes = [
      ['F64', 8],
      ['F32', 4],
      ['F16', 2],
      ['BF16', 2],
    ] as const
    expect(
      dtypes.map(([name, bytes]) => readAnswers('outputs.safetensors', header(name, bytes))['y'].dtype),
    ).toEqual(['float64', 'float32', 'float16', 'bfloat16'])
    expect(readAnswers('outputs.npz', writeNpz({ y: tensor([1, 2]) }))['y'].dtype).toBe('float32')
    const shifted = new Uint8Array(3 + header('F16', 2).length)
    shifted.set(header('F16', 2), 3)
    expect(readAnswers('outputs.safetensors', shifted.subarray(3))['y'].dtype).toBe('float16')
  })

  it('are refused where they are no floats, or malformed', () => {
    expect(() => readAnswers('outputs.safetensors', header('I64', 8))).toThrow(
      'outputs.safetensors: y is I64, expected one of float64',
    )
    expect(() => readAnswers('outputs.npz', writeNpz({ y: new Tensor(Int32Array.of(1), [1]) }))).toThrow(
      'y is int32',
    )
    expect(() =>
      readAnswers('outputs.safetensors', saveSafetensors({ y: tensor([1]) }).subarray(0, 40)),
    ).toThrow('safetensors')
  })
})
