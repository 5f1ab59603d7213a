import { describe, expect, it } from 'vitest'
import { changedLines } from './mutations.ts'

const names = ['n', 'o', 'i', 'h']
const changes = (equation: string): string[] =>
  changedLines({ id: 'a', because: '', equation }, names).map(
    ({ equation: changed, change }) => `${change} | ${changed}`,
  )

describe('every small change of the right side of a line', () => {
  it('swaps each sign, each function and each index for the others of the line', () => {
    expect(changes('y[n] = x[n] + b[o]')).toEqual([
      'n → o | y[n] = x[o] + b[o]',
      '+ → - | y[n] = x[n] - b[o]',
      'o → n | y[n] = x[n] + b[n]',
    ])
    expect(changes('y[n] = -exp(x[n]) / 2')).toEqual([
      '- → + | y[n] = +exp(x[n]) / 2',
      'exp → log | y[n] = -log(x[n]) / 2',
      '/ → * | y[n] = -exp(x[n]) * 2',
    ])
    expect(changes('y = log(sqrt(floor(x)))')).toEqual([
      'log → exp | y = exp(sqrt(floor(x)))',
      'sqrt → exp | y = log(exp(floor(x)))',
      'floor → exp | y = log(sqrt(exp(x)))',
    ])
    expect(changes('y[n] = max(x[n,o], o)')).toContain('max → sum | y[n] = sum(x[n,o], o)')
  })

  it('takes each sum away, and each of its indices', () => {
    expect(changes('y[n] = sum(x[n,o,i] * w[o], o, i)').filter((line) => line.startsWith('sum'))).toEqual([
      'sum removed | y[n] = (x[n,o,i] * w[o])',
      'sum without o | y[n] = sum(x[n,o,i] * w[o], i)',
      'sum without i | y[n] = sum(x[n,o,i] * w[o], o)',
    ])
    expect(changes('y = 1 + sum(x[n], n) * 2').filter((line) => line.startsWith('sum'))).toEqual([
      'sum removed | y = 1 + (x[n]) * 2',
    ])
    expect(changes('y = sum(f(x[n], 2), n)').filter((line) => line.startsWith('sum'))).toEqual([
      'sum removed | y = (f(x[n], 2))',
    ])
  })

  it('changes conditions, but not which of two equal indices is read', () => {
    expect(changes('d[n,o] = (n == o) * x[n]')).toEqual(['== → != | d[n,o] = (n != o) * x[n]'])
    expect(changes('d[n,o] = (o == n) * x[n]')).toEqual(['== → != | d[n,o] = (o != n) * x[n]'])
  })

  it('leaves the left side, its names and comparisons alone', () => {
    expect(changes('y[n] = (h <= 3) * (o >= 1)').map((line) => line.split(' | ')[0])).toEqual([
      'h → n',
      'h → o',
      'o → n',
      'o → h',
    ])
    expect(changedLines({ id: 'b', because: '', equation: 'y = 1 + 2' }, names)).toEqual([
      { id: 'b', equation: 'y = 1 - 2', change: '+ → -' },
    ])
  })

  it('needs brackets that close', () => {
    expect(() => changes('y = sum(x[n], n')).toThrow('no closing bracket in')
  })
})
