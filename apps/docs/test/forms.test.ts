import type { Derivation } from '@handgrad/gradcheck'
import { parse } from 'mathjs/number'
import { describe, expect, it } from 'vitest'
import { derivation as conv1d } from '../../../packages/layers/src/conv1d/derivation.ts'
import { derivation as conv2d } from '../../../packages/layers/src/conv2d/derivation.ts'
import { derivation as linear } from '../../../packages/layers/src/linear/derivation.ts'
import { derivation as maxPool2d } from '../../../packages/layers/src/max-pool2d/derivation.ts'
import { derivation as crossEntropyLoss } from '../../../packages/loss-optim/src/cross-entropy-loss/derivation.ts'
import { forms as conv1dForms } from '../src/forms/conv1d.ts'
import { forms as conv2dForms } from '../src/forms/conv2d.ts'
import { forms as crossEntropyForms } from '../src/forms/cross-entropy-loss.ts'
import { forms as linearForms } from '../src/forms/linear.ts'
import { forms as maxPool2dForms } from '../src/forms/max-pool2d.ts'
import { type Fixed, specialCase } from '../src/lib/forms/case.ts'
import { type Forms, formsOf, meaningOf } from '../src/lib/forms/forms.ts'
import { specialise } from '../src/lib/forms/specialise.ts'

const pages = [
  ['conv1d', conv1d, conv1dForms],
  ['conv2d', conv2d, conv2dForms],
  ['linear', linear, linearForms],
  ['max-pool2d', maxPool2d, maxPool2dForms],
  ['cross-entropy-loss', crossEntropyLoss, crossEntropyForms],
] as unknown as readonly (readonly [string, Derivation<never>, Forms])[]

/** The equations of the plainest case, by step. */
function plainest(derivation: Derivation<never>, forms: Forms): Record<string, string> {
  const made = formsOf(derivation, forms, forms.levels[0])
  return Object.fromEntries(made.map(({ id, equation }) => [id, equation]))
}

describe.each(pages)('the cases of %s', (_name, derivation, forms) => {
  it('hold: every line of every case is evaluated with numbers of the library', () => {
    for (const level of forms.levels.slice(0, -1)) {
      const made = formsOf(derivation, forms, level)
      expect(made.length).toBeGreaterThan(derivation.steps.length * 0.6)
      for (const { id, difference } of made) expect(difference, `${level.name}: ${id}`).toBeLessThan(1e-12)
    }
  })

  it('end with the derivation as it is', () => {
    expect(Object.keys(forms.levels.at(-1)!.fixed).filter((name) => derivation.indices[name])).toEqual([])
  })
})

describe('the plain case', () => {
  it('of a convolution is what one would write by hand', () => {
    const { forward, dw, db, dx, ...rest } = plainest(conv2d, conv2dForms)
    expect(forward).toBe('y[h, v] = sum(w[i, j] * x[h + i, v + j], i, j) + b')
    expect(dw).toBe('dw[i, j] = sum(dy[h, v] * x[h + i, v + j], h, v)')
    expect(db).toBe('db = sum(dy[h, v], h, v)')
    expect(dx).toBe('dx[a, e] = sum(dy[h, v] * w[i, j] * (h + i == a) * (v + j == e), i, j, h, v)')
    expect(rest['dx-flipped']).toBe('dx[a, e] = sum(w[i, j] * dy[a - i, e - j], i, j)')
  })

  it('of a convolution of a line is the same with one letter less', () => {
    const { forward, dw, db, dx, ...rest } = plainest(conv1d, conv1dForms)
    expect(forward).toBe('y[l] = sum(w[i] * x[l + i], i) + b')
    expect(dw).toBe('dw[i] = sum(dy[l] * x[l + i], l)')
    expect(db).toBe('db = sum(dy[l], l)')
    expect(dx).toBe('dx[a] = sum(dy[l] * w[i] * (l + i == a), i, l)')
    expect(rest['dx-flipped']).toBe('dx[a] = sum(w[i] * dy[a - i], i)')
  })

  it('of the others too', () => {
    expect(plainest(linear as Derivation<never>, linearForms).dw).toBe('dw[o, i] = dy[o] * x[i]')
    const loss = plainest(crossEntropyLoss, crossEntropyForms)
    expect(loss['sample-loss-plain']).toBe('l = -lp[t]')
    expect(loss['dz-plain']).toBe('dz[c] = dy * (p[c] - (c == t))')
    expect(loss['target-probabilities']).toBeUndefined()
    expect(plainest(maxPool2d as Derivation<never>, maxPool2dForms).unfold).not.toContain('Infinity')
  })

  it('refuses a form that does not hold: a case whose numbers are of another stride', () => {
    const wrong: Forms = {
      ...conv2dForms,
      sample: () => conv2dForms.sample(conv2dForms.levels.at(-2)!, false),
    }
    const fixed: Fixed = { groups: 1, Cg: 'C', Og: 'O', sh: 1, sw: 1, eh: 1, ew: 1, ph: 0, pw: 0 }
    const level = { name: 'stride 1', fixed }
    expect(() => formsOf(conv2d as Derivation<never>, { ...wrong, levels: [level] }, level)).toThrow(
      /forward, y/,
    )
  })

  it('says what a letter means without the axes that are gone', () => {
    const [{ fixed }] = conv2dForms.levels
    expect(meaningOf('x', conv2d as Derivation<never>, fixed)).toBe('input [H, W]')
    expect(meaningOf('b', conv2d as Derivation<never>, fixed)).toBe('bias, one number')
    expect(meaningOf('x', conv2d as Derivation<never>, {})).toBe('input [N, C, H, W]')
  })
})

describe('simplifying', () => {
  const derivation = {
    symbols: { x: 'numbers [N,C,L]', f: 'one of each' },
    indices: { n: 'N', c: 'C', k: 'C', l: 'L', r: 'C*K' },
  } as unknown as Derivation<never>
  const simple = (text: string, fixed: Fixed, facts: string[] = []): string =>
    specialise(parse(text), specialCase(derivation, fixed, facts)).toString()

  it.each([
    ['x[n, c, l*s + k]', { N: 1, s: 1 }, 'x[c, l + k]'],
    ['sum(x[n,c,l], n, l)', { N: 1 }, 'sum(x[c, l], l)'],
    ['sum(x[n,c,l], n)', { N: 1 }, 'x[c, l]'],
    ['sum(x[n,k,l] * (floor(c/C)*C + k == c), k)', {}, 'x[n, c, l]'],
    // A condition that was there before is what the line is about.
    ['sum(x[n,k,l] * (k == c), k)', {}, 'sum(x[n, k, l] * (k == c), k)'],
    ['mod(l, 1) + floor(c/C)', {}, '0'],
    ['floor(r/K)', { C: 1 }, '0'],
    ['mod(floor(r/K), C)', {}, 'floor(r / K)'],
    ['mod(r, K)', {}, 'mod(r, K)'],
    ['x[n,c,l] - p * 0', {}, 'x[n, c, l]'],
    ['(n == 0) * f', { N: 1 }, 'f'],
    ['sum(x, 0, 2)', { N: 1 }, 'sum(x, 1)'],
  ])('%s', (text, fixed, expected) => {
    expect(simple(text, fixed as Fixed)).toBe(expected)
  })

  it('takes a fact as true, and a choice with it', () => {
    expect(simple('0 <= l and l < L ? x[n,c,l] : 0', {}, ['0 <= l and l < L'])).toBe('x[n, c, l]')
    expect(simple('0 <= l and l < L ? x[n,c,l] : 0', {})).toContain('?')
  })
})
