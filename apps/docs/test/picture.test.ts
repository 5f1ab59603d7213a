import { describe, expect, it } from 'vitest'
import { around, isInside, numbersOf, spanOf, windowsOf } from '../src/picture/patch.ts'
import { indexOf, layoutOf, outlineOf } from '../src/picture/planes.ts'
import { reachOf } from '../src/picture/reach.ts'
import { cellAfter, cellAt } from '../src/picture/steps.ts'
import { cellSays, gradientSays, reachSays } from '../src/picture/tell.ts'
import { short } from '../src/widgets/format.ts'
import { smallPass } from './small-pass.ts'

describe('how the numbers of a stage lie in the picture', () => {
  it('is by channels, or in lines of one length', () => {
    expect(layoutOf([1, 8, 28, 20])).toEqual({ planes: 8, height: 28, width: 20 })
    expect(layoutOf([1, 784])).toEqual({ planes: 1, height: 14, width: 56 })
    expect(layoutOf([1, 120])).toEqual({ planes: 1, height: 3, width: 40 })
    expect(layoutOf([1, 10])).toEqual({ planes: 1, height: 1, width: 10 })
    expect(layoutOf([1, 56])).toEqual({ planes: 1, height: 1, width: 56 })
  })

  it('names a cell by its channel, row and column', () => {
    expect(indexOf([1, 2, 3, 4], 23)).toEqual([1, 2, 3])
    expect(indexOf([1, 2, 3, 4], 17)).toEqual([1, 1, 1])
    expect(indexOf([1, 784], 300)).toEqual([300])
  })

  it('has an outline around what is marked, in its own plane', () => {
    // Plane 1 of 2 × 3: its last two columns but the lower right cell.
    const mask = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0)
    const layout = { planes: 2, height: 2, width: 3 }
    expect(outlineOf(mask, 1, layout)).toBe('M1,0h1M1,0v1M2,0h1M3,0v1M1,1v1M2,1h1M2,1v1M1,2h1')
    expect(outlineOf(mask, 0, layout)).toBe('M0,0h1M0,0v1M1,0v1M0,1h1')
    expect(outlineOf(new Uint8Array(12), 0, layout)).toBe('')
  })
})

describe('from cell to cell', () => {
  // Two planes of 3 × 4.
  const layout = { planes: 2, height: 3, width: 4 }
  const after = (cell: number, ...keys: string[]): number[] =>
    keys.map((key) => cellAfter(key, cell, layout)!)
  const all = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown']

  it('keys move by one, in the plane and between planes, and stay at the ends', () => {
    expect(after(5, ...all)).toEqual([1, 9, 4, 6, 5, 17])
    expect(after(18, ...all)).toEqual([14, 22, 17, 19, 6, 18])
    expect(after(0, ...all)).toEqual([0, 4, 0, 1, 0, 12])
    expect(after(23, ...all)).toEqual([19, 23, 22, 23, 11, 23])
    expect(cellAfter('Enter', 5, layout)).toBeNull()
  })

  it('a place in a plane is in a cell, at its very ends too', () => {
    expect(cellAt(0, 0, 0, layout)).toBe(0)
    expect(cellAt(1, 0.49, 0.34, layout)).toBe(12 + 4 + 1)
    expect(cellAt(1, 0.51, 0.32, layout)).toBe(12 + 2)
    expect(cellAt(1, 1, 1, layout)).toBe(23)
    expect(cellAt(1, -0.01, -0.01, layout)).toBe(12)
  })
})

describe('a piece of a plane', () => {
  it('lies around a place, and never outside', () => {
    expect([0, 1, 2, 3, 4].map((at) => around(at, 3, 5).from)).toEqual([0, 0, 1, 2, 2])
    expect([0, 1, 2, 3].map((at) => around(at, 2, 4).from)).toEqual([0, 0, 1, 2])
    expect(around(1, 3, 2)).toEqual({ from: 0, count: 2 })
    expect(spanOf([4, 2, 3])).toEqual({ from: 2, count: 3 })
  })

  it('is computed from the windows that begin in it', () => {
    const win = { H: 9, W: 9, Kh: 3, Kw: 2, sh: 2, sw: 3, ph: 1, pw: 2, dh: 2, dw: 4, Ho: 3, Wo: 2 }
    const patch = { rows: { from: 1, count: 2 }, columns: { from: 0, count: 2 } }
    // Rows 1 and 2: 2·1 − 1 = 1, to 2·2 − 1 + 4 = 7. Columns: −2, to 3 − 2 + 4 = 5.
    expect(windowsOf(patch, win)).toEqual({ rows: { from: 1, count: 7 }, columns: { from: -2, count: 8 } })
  })

  it('has 0 outside of its plane', () => {
    const x = { shape: [1, 2, 2, 3], data: Float32Array.from({ length: 12 }, (_, i) => i + 1) }
    const patch = { rows: { from: -1, count: 3 }, columns: { from: 1, count: 3 } }
    expect(numbersOf(x, 1, patch)).toEqual([0, 0, 0, 8, 9, 0, 11, 12, 0])
    const lower = { rows: { from: 1, count: 2 }, columns: { from: -1, count: 2 } }
    expect(numbersOf(x, 0, lower)).toEqual([0, 4, 0, 0])
    expect(numbersOf({ ...x, data: x.data.map(() => 0.1) }, 0, lower)[1]).toBe(0.100000001)
  })

  it('is inside or not, at each of its four sides', () => {
    const patch = (row: number, column: number) => ({
      rows: { from: row, count: 2 },
      columns: { from: column, count: 3 },
    })
    expect(isInside(patch(0, 0), 2, 3)).toBe(true)
    expect([patch(-1, 0), patch(0, -1), patch(1, 0), patch(0, 1)].map((p) => isInside(p, 2, 3))).toEqual(
      Array(4).fill(false),
    )
  })
})

describe('what is said of a cell', () => {
  const look = smallPass()
  const says = (at: number, cell: number): string => gradientSays(look, at, cell)

  it('is its value and its gradient, of the score or of the loss', () => {
    expect(cellSays(look, 2, 10)).toBe('ReLU()[0,2,2] is 2; the gradient of the score there is −1.')
    expect(cellSays(look, 4, 1)).toBe('Flatten(1, -1)[1] is 3; the gradient of the score there is 1.')
    expect(cellSays(smallPass(0), 0, 0)).toMatch(/^input\[0,0,0\] is 1; the gradient of the loss there is /)
  })

  it('is what it is computed from, and what it can move', () => {
    const reach = (at: number, cell: number): string => reachSays(look, at, reachOf(look.stages, at, cell))
    expect(reach(0, 0)).toBe('It can move 2 of 2 scores.')
    expect(reach(3, 1)).toBe(
      'It is computed from 9 pixels of the image (rows 0–2, columns 1–3), of which 4 can move it now. It can move 2 of 2 scores.',
    )
    expect(reach(2, 0)).toBe(
      'It is computed from 4 pixels of the image (rows 0–1, columns 0–1), none of which can move it now. It can move 0 of 2 scores.',
    )
    expect(reach(5, 1)).toBe(
      'It is computed from 16 pixels of the image (rows 0–3, columns 0–3), of which 16 can move it now.',
    )
  })

  it('is how its gradient comes from behind, for each kind of layer', () => {
    // The pixel [3,3] is read by four windows; only that of [2,2] has a gradient, −1, times its tap, −1.
    expect(says(0, 15)).toBe(
      'Its gradient is a sum over the 4 cells of Conv2d(1→1, 3×3) that read it; one product dy · w is not 0: −1 · −1 from [0,2,2].',
    )
    expect(says(0, 0)).toBe(
      'Its gradient is a sum over the 4 cells of Conv2d(1→1, 3×3) that read it; all products are 0.',
    )
    // Both of softmax's gradients come back to the features, times their column of the weight, 2 and −1.
    const loss = smallPass(0)
    const [p, q] = Array.from(loss.stages[5].gradient.data)
    expect(gradientSays(loss, 4, 3)).toBe(
      `Its gradient is a sum over the 2 cells of Linear(4→2) that read it; 2 products dy · w are not 0, the largest ${short(p)} · 2 from [0]: together ${short(2 * p - q)}.`,
    )
    expect(says(1, 3)).toBe('It is above 0: ReLU() lets the gradient behind it through, 1.')
    expect(says(1, 0)).toBe('It is not above 0: ReLU() stops the gradient behind it, 0.')
    expect(says(2, 12)).toBe('It is the maximum of 1 window, and gets all that comes back there: 1.')
    expect(says(2, 15)).toBe('It is not the maximum of its window, which is [0,2,2], 2: its gradient is 0.')
    expect(says(3, 3)).toBe('Its gradient is that of Flatten(1, -1)[3], the same number.')
    expect(says(4, 3)).toBe(
      'Its gradient is a sum over the 2 cells of Linear(4→2) that read it; one product dy · w is not 0: 1 · −1 from [1].',
    )
  })

  it('is at the end the score itself, or softmax minus one-hot', () => {
    expect(says(5, 1)).toBe('It is the score itself: the gradient is 1.')
    expect(says(5, 0)).toBe('It is another score: the gradient is 0.')
    const loss = smallPass(0)
    const [p] = loss.probabilities
    expect(gradientSays(loss, 5, 0)).toBe(`Its gradient is softmax minus one-hot, ${p.toExponential(2)} − 1.`)
    expect(gradientSays(loss, 5, 1)).toBe('Its gradient is softmax minus one-hot, 0.9991 − 0.')
    const recorded = { torch: '2', seed: 1, step: 1, batch: 64, loss: 1 }
    expect(gradientSays({ ...loss, recorded }, 5, 1)).toMatch(
      /, 0\.9991 − 0, divided by the 64 images of the batch\.$/,
    )
  })
})
