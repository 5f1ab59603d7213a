import { describe, expect, it } from 'vitest'
import { symbolOf, texOf } from '../src/lib/tex.ts'

const notation = { symbols: { y: 'output', x: 'input', b: 'bias' }, indices: {} }

describe('equations as TeX', () => {
  it('writes a condition that is a whole side as 1 or 0', () => {
    expect(texOf('diff(y[q], b[o]) = (q == o)', notation)).toMatch(/ \\mathbf 1\{\\\{q = o\\\}\}$/)
  })

  it('breaks a line within long indices only', () => {
    const breaks = (index: string): boolean => texOf(`x[${index}]`, notation).includes(',\\allowbreak')
    expect(breaks('n,o,h,v')).toBe(false)
    expect(breaks('n,c,h*s+i,v*s+j')).toBe(true)
  })

  it('puts a remainder in brackets wherever something stands beside it', () => {
    const tex = (text: string): string => texOf(`y[l] = (${text} == g)`, { ...notation, symbols: {} })
    expect(tex('2*l + mod(t, 2)')).toContain('2\\,\\allowbreak l + \\left(t \\bmod 2\\right) = g')
    expect(tex('mod(t, 2) - l')).toContain('\\left(t \\bmod 2\\right) - l = g')
    expect(tex('mod(a + l, 2)')).toContain('{\\left(a + l\\right) \\bmod 2 = g'.slice(1))
  })

  it('writes a gradient as an upright d before its value, in each notation', () => {
    const symbols = { x: '', dx: '', W: '', dW: '', z1: '', dz1: '' }
    const written = (name: string): string => symbolOf(name, { symbols, indices: {}, tex: { z1: 'z^{(1)}' } })
    expect([written('dx'), written('dW'), written('dz1')]).toEqual([
      '\\mathrm{d}x',
      '\\mathrm{d}W',
      '\\mathrm{d}z^{(1)}',
    ])
    expect(written('Kh')).toBe('K_{\\mathrm{h}}')
  })

  it('puts each part of a long condition on its own line', () => {
    const index = 'floor(l/Wo)*sh + floor(r/Kw)*dh - ph'
    const tex = texOf(`y[l] = 0 <= ${index} < H and 0 <= ${index} < W ? x[${index}] : 0`, notation)
    expect(tex.split('\\\\')).toEqual([
      expect.stringContaining('\\htmlData{term=x,hue=other}'),
      expect.stringMatching(/^\\quad\\text\{if \}0 \\le .* < H$/),
      expect.stringMatching(/^\\quad\\land 0 \\le .* < W$/),
      expect.stringMatching(/\\text\{else\}/),
    ])
  })
})
