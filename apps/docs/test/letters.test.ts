import type { Derivation } from '@handgrad/gradcheck'
import { describe, expect, it } from 'vitest'
import { hueOf } from '../src/lib/hues.ts'
import type { Links } from '../src/lib/links.ts'
import { symbolOf } from '../src/lib/tex.ts'
import { links as conv1d } from '../src/links/conv1d.ts'
import { links as conv2d } from '../src/links/conv2d.ts'
import { links as dropout } from '../src/links/dropout.ts'
import { links as linear } from '../src/links/linear.ts'
import { links as maxPool2d } from '../src/links/max-pool2d.ts'

const modules = import.meta.glob<{ derivation?: Derivation }>('../../../packages/*/src/*/derivation.ts', {
  eager: true,
})
const derivations = Object.entries(modules).flatMap(([file, { derivation }]) => {
  const name = file.split('/').slice(-4, -1).join('/').replace('/src', '')
  return derivation === undefined ? [] : [[name, derivation] as const]
})

/** The letter of a name as it is written: without marks, primes, and what is above or below it. */
function base(tex: string): string {
  return tex
    .replace(/\\mathrm\{d\}/, '')
    .replace(/\\(tilde|hat)\s?\{?(\w)\}?/, '$1$2')
    .replace(/[_^](\{.*\}|.)/g, '')
    .replaceAll("'", '')
}

const namesIn = ({ steps }: Derivation): Set<string> =>
  new Set(steps.flatMap(({ equation }) => equation.match(/[A-Za-z]\w*/g) ?? []))

describe.each(derivations)('the letters of %s', (_name, derivation) => {
  const used = namesIn(derivation)
  const written = (name: string): string => symbolOf(name, derivation)
  const tensors = Object.keys(derivation.symbols).filter((name) => used.has(name))
  const indices = Object.keys(derivation.indices).filter((name) => used.has(name))
  const functions = new Set([
    'sum',
    'max',
    'argmax',
    'diff',
    'exp',
    'log',
    'sqrt',
    'floor',
    'mod',
    'and',
    'Infinity',
  ])
  const sizes = [...used].filter(
    (name) => !tensors.includes(name) && !indices.includes(name) && !functions.has(name),
  )

  it('are written differently where they mean different things', () => {
    const all = [...tensors, ...indices, ...sizes].map(written)
    expect(all.filter((tex, i) => all.indexOf(tex) !== i)).toEqual([])
  })

  it('are never a tensor here and an index there', () => {
    const ofTensors = new Set(tensors.map((name) => base(written(name))))
    expect(indices.map((name) => base(written(name))).filter((letter) => ofTensors.has(letter))).toEqual([])
  })

  it('do not use d, which says gradient, for anything else', () => {
    const all = [...tensors, ...indices, ...sizes].map(written)
    expect(all.filter((tex) => /^d(_|\^|'|$)/.test(tex))).toEqual([])
  })
})

it('all derivations were looked at', () => {
  expect(derivations.length).toBeGreaterThanOrEqual(10)
})

describe('colours', () => {
  const families: readonly (readonly [string, Links, readonly string[][]])[] = [
    [
      'conv1d',
      conv1d,
      [
        ['x', 'dx', 'X', 'P'],
        ['w', 'dw', 'M', 'dM'],
        ['b', 'db'],
        ['y', 'dy', 'Y'],
      ],
    ],
    [
      'conv2d',
      conv2d,
      [
        ['x', 'dx', 'X', 'P'],
        ['w', 'dw', 'M', 'dM'],
        ['b', 'db'],
        ['y', 'dy', 'G', 'Y'],
      ],
    ],
    [
      'linear',
      linear,
      [
        ['x', 'dx'],
        ['w', 'dw', 'W', 'dW'],
        ['b', 'db'],
        ['y', 'dy'],
      ],
    ],
    ['max-pool2d', maxPool2d, [['x', 'dx', 'X', 'P'], ['y', 'dy'], ['t']]],
    ['dropout', dropout, [['x', 'dx'], ['y', 'dy'], ['k'], ['q']]],
  ]
  it.each(families)('of %s: kin share one, others do not', (_name, links, groups) => {
    const hues = groups.map((group) => [...new Set(group.map((term) => hueOf(term, links)))])
    expect(hues.map(({ length }) => length)).toEqual(groups.map(() => 1))
    expect(new Set(hues.flat()).size).toBe(groups.length)
  })

  it('of the network: weights, biases and images are told apart', () => {
    expect(new Set(['w1', 'dw2', 'w3'].map((term) => hueOf(term)))).toEqual(new Set(['w']))
    expect(new Set(['x', 'w1', 'b1', 'z1', 'p1', 'r1', 'fl'].map((term) => hueOf(term))).size).toBe(7)
  })
})
