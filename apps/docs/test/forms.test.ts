import type { Derivation } from '@handgrad/gradcheck'
import { parse } from 'mathjs/number'
import { describe, expect, it } from 'vitest'
import { derivation as conv1d } from '../../../packages/layers/src/conv1d/derivation.ts'
import { derivation as conv2d } from '../../../packages/layers/src/conv2d/derivation.ts'
import { derivation as linear } from '../../../packages/layers/src/linear/derivation.ts'
import { derivation as maxPool2d } from '../../../packages/layers/src/max-pool2d/derivation.ts'
import { derivation as adam } from '../../../packages/loss-optim/src/adam/derivation.ts'
import { derivation as crossEntropyLoss } from '../../../packages/loss-optim/src/cross-entropy-loss/derivation.ts'
import { derivation as sgd } from '../../../packages/loss-optim/src/sgd/derivation.ts'
import { derivation as network } from '../../../packages/trainer/src/network/derivation.ts'
import { forms as adamForms } from '../src/forms/adam.ts'
import { forms as conv1dForms } from '../src/forms/conv1d.ts'
import { forms as conv2dForms } from '../src/forms/conv2d.ts'
import { forms as crossEntropyForms } from '../src/forms/cross-entropy-loss.ts'
import { forms as linearForms } from '../src/forms/linear.ts'
import { forms as maxPool2dForms } from '../src/forms/max-pool2d.ts'
import { forms as networkForms } from '../src/forms/network.ts'
import { forms as sgdForms } from '../src/forms/sgd.ts'
import { type Fixed, specialCase } from '../src/lib/forms/case.ts'
import { type Forms, formsOf, meaningOf } from '../src/lib/forms/forms.ts'
import { leadingTo, otherName } from '../src/lib/forms/leads.ts'
import { specialise } from '../src/lib/forms/specialise.ts'

const pages = [
  ['conv1d', conv1d, conv1dForms],
  ['conv2d', conv2d, conv2dForms],
  ['linear', linear, linearForms],
  ['max-pool2d', maxPool2d, maxPool2dForms],
  ['cross-entropy-loss', crossEntropyLoss, crossEntropyForms],
  ['sgd', sgd, sgdForms],
  ['adam', adam, adamForms],
  ['network', network, networkForms],
] as unknown as readonly (readonly [string, Derivation<never>, Forms])[]

/** The equations of the plainest case, or of another one, by step. */
function plainest(derivation: Derivation<never>, forms: Forms, level = 0): Record<string, string> {
  const made = formsOf(derivation, forms, forms.levels[level])
  return Object.fromEntries(made.map(({ id, equation }) => [id, equation]))
}

describe.each(pages)('the cases of %s', (_name, derivation, forms) => {
  it('hold: every line of every case is evaluated with numbers of the library', () => {
    for (const level of forms.levels.slice(0, -1)) {
      const made = formsOf(derivation, forms, level)
      expect(made.length).toBeGreaterThan(forms.ends === undefined ? derivation.steps.length * 0.6 : 0)
      for (const { id, difference } of made) expect(difference, `${level.name}: ${id}`).toBeLessThan(1e-12)
    }
  })

  it('are of numbers that say something: of no tensor all are 0', () => {
    // Which tap won, and which class is the right one, may be 0.
    const may = new Set(['t1', 't2', 'T', 't'])
    for (const level of forms.levels.slice(0, -1)) {
      const { item, values } = forms.sample(level, false)
      const { tensors } = derivation.bind(item as never, values)
      for (const [name, { data }] of Object.entries(tensors))
        if (!may.has(name))
          expect(
            data.some((value) => value !== 0),
            `${level.name}: ${name}`,
          ).toBe(true)
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

  it('of SGD is one line, and options come one by one', () => {
    expect(plainest(sgd, sgdForms)).toEqual({
      update: 'p[k] = (k == 0) ? s : (p[k - 1] - lr * g[k - 1])',
    })
    const momentum = plainest(sgd, sgdForms, 1)
    expect(Object.keys(momentum)).toEqual(['velocity-sum', 'velocity', 'update'])
    // The first direction fades as all others do where nothing is dampened.
    expect(momentum['velocity-sum']).toBe('v[j] = sum((i <= j) * g[i] * (mu ^ (j - i)), i)')
    expect(momentum.velocity).toBe('v[j] = (f[j] == 1) ? g[j] : (mu * v[j - 1] + g[j])')
    expect(momentum.update).toBe('p[k] = (k == 0) ? s : (p[k - 1] - lr * v[k - 1])')
    const decay = plainest(sgd, sgdForms, 2)
    expect(decay.direction).toBe('d[j] = g[j] + lam * p[j]')
    expect(decay.penalty).toBe('diff(lam / 2 * z ^ 2, z) = lam * z')
    expect(decay.velocity).toBe('v[j] = (f[j] == 1) ? d[j] : (mu * v[j - 1] + d[j])')
  })

  it('of Adam is its first step, then all of them, then the decay', () => {
    const first = plainest(adam, adamForms)
    expect(Object.keys(first)).toEqual(['mean-sum', 'mean', 'square-sum', 'square', 'update-paper', 'update'])
    expect(first.mean).toBe('m = (1 - B) * g')
    expect(first.square).toBe('v = (1 - C) * g ^ 2')
    expect(first['update-paper']).toBe(
      'p[k] = (k == 0) ? s : (p[k - 1] - (lr * m / (1 - B) / (sqrt(v / (1 - C)) + eps)))',
    )
    const more = plainest(adam, adamForms, 1)
    expect(more.count).toBe('c[j] = sum(i <= j, i)')
    expect(more.mean).toBe('m[j] = B * m[j - 1] + (1 - B) * g[j]')
    expect(more.square).toBe('v[j] = C * v[j - 1] + (1 - C) * g[j] ^ 2')
    expect([more.direction, more.penalty, more.largest]).toEqual([undefined, undefined, undefined])
    expect(plainest(adam, adamForms, 2).mean).toBe('m[j] = B * m[j - 1] + (1 - B) * d[j]')
  })

  it('of the network is a path from pixel to loss and back', () => {
    const plain = plainest(network, networkForms)
    expect(Object.keys(plain)).toEqual(network.steps.map(({ id }) => id))
    expect(plain.conv1).toBe('z1[h, v] = sum(w1[i, j] * x[h + i - 1, v + j - 1], i, j) + b1')
    expect(plain.flatten).toBe('fl[f] = p2[floor(f / B), mod(f, B)]')
    expect(plain.loss).toBe('L = -lp[T]')
    expect(plain.dz3).toBe('dz3[b] = dL * (exp(lp[b]) - (b == T))')
    expect(plain.dw3).toBe('dw3[b, f] = dz3[b] * fl[f]')
    expect(plain.db3).toBe('db3[b] = dz3[b]')
    expect(plain.dp2).toBe('dp2[d, l] = dfl[d * B + l]')
    expect(plain['dw2-chain']).toBe('dw2[i, j] = sum(dz2[r, s] * diff(z2[r, s], w2[i, j]), r, s)')
    expect(plain.dw1).toBe('dw1[i, j] = sum(dz1[h, v] * x[h + i - 1, v + j - 1], h, v)')
    expect(plain.db1).toBe('db1 = sum(dz1[h, v], h, v)')
    expect(plain.dx).toBe('dx[h, v] = sum(w1[i, j] * dz1[h + 1 - i, v + 1 - j], i, j)')
    const channels = plainest(network, networkForms, 1)
    expect(channels.dw1).toBe('dw1[o, c, i, j] = sum(dz1[o, h, v] * x[c, h + i - 1, v + j - 1], h, v)')
  })

  it('refuses a name that does not hold: the direction is no gradient where there is decay', () => {
    const [plain, , decay] = sgdForms.levels
    const wrong: Forms = { ...sgdForms, sample: () => sgdForms.sample(decay, false) }
    expect(() => formsOf(sgd as Derivation<never>, wrong, plain)).toThrow(/^direction, d\[j\] = g\[j\]: /)
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
    const [first, more] = adamForms.levels
    const before = 'parameters before each step, and after the last'
    expect(meaningOf('p', adam as Derivation<never>, first.fixed)).toBe(`${before} [2]`)
    expect(meaningOf('p', adam as Derivation<never>, more.fixed)).toBe(`${before} [K + 1]`)
    expect(meaningOf('g', adam as Derivation<never>, first.fixed)).toBe('gradients of each step, one number')
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
    // Sums of numbers are put together, products keep their look.
    ['(s - 1) + p + k', { s: 3, p: 4 }, '6 + k'],
    ['K*s + k', { K: 2, s: 3 }, '2 * 3 + k'],
    ['k ^ (s - 1) + k ^ s', { s: 1 }, '1 + k'],
    ['(s == 1) * k', { s: 2 }, '0'],
    ['(s <= 2) * k', { s: 2 }, 'k'],
    ['(s <= 2) * k', { s: 3 }, '0'],
    ['s == 1 ? k : l', { s: 2 }, 'l'],
    ['f[k] == 1 ? k + s : k', { s: 0 }, 'k'],
    ['diff(s * k, k)', { s: 0 }, '0'],
    // Outside of the one place of a tensor there is 0.
    ['x[n - 1, c, l] + k', { N: 1 }, 'k'],
    // One tensor is another.
    ['x[n, c, l] + x', { x: 'y' }, 'y[n, c, l] + y'],
    ['x[n, c, l] + k', { x: 1 }, '1 + k'],
  ])('%s', (text, fixed, expected) => {
    expect(simple(text, fixed as Fixed)).toBe(expected)
  })

  it('leaves out the branch of a condition whose opposite is a fact', () => {
    expect(simple('s == 0 ? k : l', {}, ['s != 0'])).toBe('l')
    expect(simple('s == 1 ? k : l', {}, ['s != 0'])).toContain('?')
    expect(simple('s < 0 ? k : l', {}, ['s != 0'])).toContain('?')
  })

  it('takes a fact as true, and a choice with it', () => {
    expect(simple('0 <= l and l < L ? x[n,c,l] : 0', {}, ['0 <= l and l < L'])).toBe('x[n, c, l]')
    expect(simple('0 <= l and l < L ? x[n,c,l] : 0', {})).toContain('?')
  })
})

describe('lines that say little', () => {
  const step = (equation: string) => ({ id: equation, equation, because: '' })
  const symbols = { d: '', g: '', v: '', c: '', p: '', z: '' }

  it.each([
    ['d[j, t] = g[j, t]', { d: 'g' }],
    ['d = g', { d: 'g' }],
    ['c[j] = 1', { c: 1 }],
    ['d[j] = (g[j])', null],
    ['d[j, t] = g[t, j]', null],
    ['d[j] = g[j - 1]', null],
    ['d[j] = 2 * g[j]', null],
    ['2 * d[j] = 1', null],
    ['p[j] = g[j]', null],
  ])('%s', (equation, expected) => {
    expect(otherName(step(equation), ['p'])).toEqual(expected)
  })

  it('what leads nowhere is left out, an identity stays', () => {
    const lines = [
      'diff(z, z) = 1',
      'd[j] = g[j] + 1',
      'v[j] = d[j] + v[j - 1]',
      'c = c + d',
      'p[j] = 2 * v[j]',
    ].map(step)
    const kept = (ends: string[]): string[] =>
      leadingTo(ends, lines, { symbols }).map(({ equation }) => equation)
    expect(kept(['p'])).toEqual([
      'diff(z, z) = 1',
      'd[j] = g[j] + 1',
      'v[j] = d[j] + v[j - 1]',
      'p[j] = 2 * v[j]',
    ])
    expect(kept(['d'])).toEqual(['diff(z, z) = 1', 'd[j] = g[j] + 1'])
    expect(kept(['p', 'c'])).toEqual(lines.map(({ equation }) => equation))
  })
})
