import { describe, expect, test } from 'vitest'
import cases from '../../../fixtures/tensor/cases.json' with { type: 'json' }
import { insideRange, resolveLine, resolveWindow, type WindowOptions } from './index.ts'

test('400 random windows have the extents of torch, or are refused where it refuses', () => {
  expect(cases.windows.filter(({ out }) => out[0] === 0).length).toBeGreaterThan(50)
  expect(cases.windows.filter(({ ceilMode, out }) => ceilMode && out[0] > 0).length).toBeGreaterThan(50)
  for (const { extents, out, ...options } of cases.windows) {
    const resolve = () => resolveWindow(extents[0], extents[1], options as unknown as WindowOptions)
    if (out[0] === 0) expect(resolve, JSON.stringify({ extents, options })).toThrow(RangeError)
    else expect([resolve().Ho, resolve().Wo], JSON.stringify({ extents, options })).toEqual(out)
  }
})

describe('resolveWindow', () => {
  test('a number is both extents, the defaults are torch’s', () => {
    expect(resolveWindow(5, 7, { kernelSize: 3 })).toEqual({
      H: 5, W: 7, Kh: 3, Kw: 3, sh: 1, sw: 1, ph: 0, pw: 0, dh: 1, dw: 1, Ho: 3, Wo: 5,
    }) // biome-ignore format: one window, one line
  })

  test("'valid' is no padding, 'same' keeps the extents with the odd cell at the end", () => {
    expect(resolveWindow(5, 7, { kernelSize: [2, 3], padding: 'valid' })).toMatchObject({
      ph: 0,
      Ho: 4,
      Wo: 5,
    })
    const same = resolveWindow(5, 7, { kernelSize: [2, 4], padding: 'same', dilation: [1, 3] })
    expect(same).toMatchObject({ ph: 0, pw: 4, Ho: 5, Wo: 7 })
  })

  test('a window that does not fit says by how much', () => {
    expect(() => resolveWindow(4, 9, { kernelSize: 3, dilation: 2 })).toThrow(
      'the window reaches over [5,5] cells, the padded input has only [4,9]',
    )
    expect(resolveWindow(4, 9, { kernelSize: 3, dilation: 2, padding: 1 })).toMatchObject({ Ho: 2, Wo: 7 })
  })
})

describe('resolveLine', () => {
  test('a line is an image of one row, which has no window above or below', () => {
    expect(resolveLine(7, { kernelSize: 3 })).toEqual(resolveWindow(1, 7, { kernelSize: [1, 3] }))
    expect(resolveLine(11, { kernelSize: 3, stride: 2, padding: 4, dilation: 5 })).toEqual({
      H: 1, W: 11, Kh: 1, Kw: 3, sh: 1, sw: 2, ph: 0, pw: 4, dh: 1, dw: 5, Ho: 1, Wo: 5,
    }) // biome-ignore format: one window, one line
    expect(resolveLine(7, { kernelSize: 4, padding: 'same', dilation: 3 })).toMatchObject({
      pw: 4,
      ph: 0,
      Wo: 7,
    })
    expect(resolveLine(7, { kernelSize: 4, padding: 'valid' })).toMatchObject({ pw: 0, Wo: 4 })
  })

  test('a window that does not fit says by how much, of the one axis', () => {
    expect(() => resolveLine(4, { kernelSize: 3, dilation: 3, padding: 1 })).toThrow(
      /^the window reaches over \[7\] cells, the padded input has only \[6\]$/,
    )
  })
})

test('insideRange is what asking for each output gives', () => {
  for (let extent = 1; extent <= 4; extent++) {
    for (let stride = 1; stride <= 3; stride++) {
      for (let offset = -4; offset <= 4; offset++) {
        const inside = (h: number) => h * stride + offset >= 0 && h * stride + offset < extent
        const outputs = [0, 1, 2, 3, 4].filter(inside)
        const [from, to] = insideRange(extent, 5, stride, offset)
        expect([0, 1, 2, 3, 4].slice(from, to), `${extent} ${stride} ${offset}`).toEqual(outputs)
      }
    }
  }
})
