import { parse } from 'mathjs/number'
import { describe, expect, it } from 'vitest'
import { nameOf, parseEquation, symbolsIn } from './parse.ts'

describe('an equation', () => {
  const left = (text: string): { kind: string; indices?: readonly unknown[] } => parseEquation(text).left

  it('defines a tensor element by element, or a number', () => {
    expect(left('y[n,o] = 1')).toMatchObject({ kind: 'tensor', symbol: 'y' })
    expect(left('y[n,o] = 1').indices?.map(String)).toEqual(['n', 'o'])
    expect(left('L = 1')).toEqual({ kind: 'tensor', symbol: 'L', indices: [] })
  })

  it('defines an operator on whole tensors', () => {
    const operator = left('fold(P)[n,c] = 1')
    expect(operator).toMatchObject({ kind: 'operator', symbol: 'fold', parameters: ['P'] })
    expect(operator.indices?.map(String)).toEqual(['n', 'c'])
  })

  it.each(['diff(y, x) = 1', 'a + b = c', 'sum(x[i], i) = 1', '(a)[i] = 1'])('is an identity: %s', (text) => {
    expect(left(text).kind).toBe('identity')
  })

  it('is parted at the sign that compares nothing', () => {
    const { right, text, leftNode } = parseEquation('y[i] = (i == 0) * (i <= 1) * (i >= 0) * (i != 7)')
    expect(String(right)).toBe('(i == 0) * (i <= 1) * (i >= 0) * (i != 7)')
    expect([text, String(leftNode)]).toEqual(['y[i] = (i == 0) * (i <= 1) * (i >= 0) * (i != 7)', 'y[i]'])
    for (const bad of ['y[i]', 'a == b', 'a = b = c', 'a <= b'])
      expect(() => parseEquation(bad)).toThrow(new Error(`'${bad}' is not one equation`))
  })
})

it('symbols are all names but those of functions', () => {
  expect([...symbolsIn(parse('sum(x[n,i*s] * exp(w) + N, n)'))].sort()).toEqual([
    'N',
    'i',
    'n',
    's',
    'w',
    'x',
  ])
})

it('a name is a symbol, and nothing else', () => {
  expect(nameOf(parse('abc'))).toBe('abc')
  expect(() => nameOf(parse('a + 1'))).toThrow(new Error("'a + 1' is not a name"))
})
