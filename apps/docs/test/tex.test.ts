import { describe, expect, it } from 'vitest'
import { texOf } from '../src/lib/tex.ts'

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

  it('puts each part of a long condition on its own line', () => {
    const index = 'floor(l/Wo)*sh + floor(r/Kw)*dh - ph'
    const tex = texOf(`y[l] = 0 <= ${index} < H and 0 <= ${index} < W ? x[${index}] : 0`, notation)
    expect(tex.split('\\\\')).toEqual([
      expect.stringContaining('\\htmlData{term=x}'),
      expect.stringMatching(/^\\quad\\text\{if \}0 \\le .* < H$/),
      expect.stringMatching(/^\\quad\\land 0 \\le .* < W$/),
      expect.stringMatching(/\\text\{else\}/),
    ])
  })
})
