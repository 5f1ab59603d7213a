import { describe, expect, it } from 'vitest'
import { contour } from '../src/explorers/contours.ts'
import { descend, flewAway, type Runner, surfaces } from '../src/explorers/descent.ts'

const { valley, bend } = surfaces
const run = (runner: Runner, lr = valley.rates[runner], steps = 40, start = valley.start) =>
  descend(valley, runner, { start, lr, steps })
const height = (runner: Runner, lr?: number): number => run(runner, lr).at(-1)!.f

describe('what the page says of the optimizers', () => {
  it('momentum is much further down after as many steps, at a smaller rate', () => {
    expect(valley.rates.momentum).toBeLessThan(valley.rates.sgd)
    expect(height('momentum')).toBeLessThan(height('sgd') / 100)
    expect(height('nesterov')).toBeLessThan(height('sgd') / 100)
  })

  it('without momentum the rate ends at 2/20', () => {
    expect(Math.abs(run('sgd', 0.099).at(-1)!.b)).toBeLessThan(1.2)
    const wall = run('sgd', 0.105).map(({ b }) => b)
    expect(Math.abs(wall.at(-1)!)).toBeGreaterThan(1.2)
    expect(wall.slice(1).every((b, i) => Math.sign(b) === -Math.sign(wall[i]))).toBe(true)
  })

  it('the first step of Adam is as long in both, and the gradients are 6 times apart', () => {
    const [before, after] = run('adam', 0.4, 1)
    expect(Math.abs(before.db / before.da)).toBeCloseTo(6, 12)
    expect(Math.abs(after.a - before.a)).toBeCloseTo(0.4, 6)
    expect(Math.abs(after.b - before.b)).toBeCloseTo(0.4, 6)
  })

  it('Adam takes a rate at which SGD flies away', () => {
    expect(flewAway(descend(valley, 'sgd', { start: valley.start, lr: 0.4, steps: 40 }))).toBe(true)
    expect(height('adam')).toBeLessThan(valley.f(...valley.start) / 10)
  })

  it('all get down both surfaces at their own rates', () => {
    for (const surface of [valley, bend])
      for (const runner of ['sgd', 'momentum', 'nesterov', 'adam'] as const) {
        const path = descend(surface, runner, { start: surface.start, lr: surface.rates[runner], steps: 60 })
        expect(flewAway(path), runner).toBe(false)
        expect(path.at(-1)!.f, `${surface.title}, ${runner}`).toBeLessThan(surface.f(...surface.start) * 0.6)
      }
    expect(bend.f(...bend.lowest) + valley.f(...valley.lowest)).toBe(0)
  })

  it('gradients are those of the surfaces', () => {
    for (const { f, gradient } of [valley, bend])
      for (const [a, b] of [
        [0.3, -0.7],
        [-1.2, 1.1],
      ] as const) {
        const [da, db] = gradient(a, b)
        expect((f(a + 1e-6, b) - f(a - 1e-6, b)) / 2e-6).toBeCloseTo(da, 6)
        expect((f(a, b + 1e-6) - f(a, b - 1e-6)) / 2e-6).toBeCloseTo(db, 6)
      }
  })
})

it('a contour lies where the surface is as high as it says', () => {
  const f = (x: number, y: number): number => (x - 0.5) ** 2 + 2 * (y - 0.5) ** 2
  const pieces = contour(f, 0.1, 40)
  expect(pieces.length).toBeGreaterThan(40)
  for (const [x0, y0, x1, y1] of pieces) {
    expect(f(x0, y0)).toBeCloseTo(0.1, 2)
    expect(f(x1, y1)).toBeCloseTo(0.1, 2)
    expect(Math.hypot(x1 - x0, y1 - y0)).toBeLessThan(1.5 / 40)
  }
})
