import { describe, expect, it } from 'vitest'
import { extentOf, type Mode, sceneOf, sumAt, turn } from '../src/stages/conv2d.ts'
import { range } from '../src/widgets/format.ts'

const modes: readonly Mode[] = ['forward', 'columns', 'fan', 'turned', 'weight']
const settings = range(3).flatMap((padding) =>
  [1, 2, 3].flatMap((stride) =>
    [1, 2].flatMap((dilation) =>
      [1, 2, 3].flatMap((kernel) => [5, 6].map((size) => ({ size, kernel, padding, stride, dilation }))),
    ),
  ),
)

/** The scene of settings that the layer takes, or its words where it refuses them: the page shows those. */
function attempt(own: (typeof settings)[number]): ReturnType<typeof sceneOf> | string {
  try {
    return sceneOf(own)
  } catch (error) {
    return (error as Error).message
  }
}
const attempts = settings.map(attempt)
const scenes = attempts.filter((made) => typeof made !== 'string')

describe('the stage of Conv2d', () => {
  it('has products that add up to what the library computes, at every place of every mode', () => {
    expect(scenes.length).toBeGreaterThan(80)
    for (const refused of attempts.filter((made) => typeof made === 'string'))
      expect(refused).toMatch(/window reaches over|padding is/)
    for (const scene of scenes)
      for (const mode of modes) {
        const [rows, columns] = extentOf(scene, mode)
        for (const r of range(rows))
          for (const c of range(columns)) {
            const { products, bias, value, name } = sumAt(scene, mode, [r, c])
            const sum = products.reduce((total, { factors: [a, b] }) => total + a * b, bias)
            expect(sum, `${name} with ${JSON.stringify(scene.settings)}`).toBe(value)
          }
      }
  })

  it('gets dx from the turned kernel over the laid-out dy, for every stride, padding and dilation', () => {
    for (const { dx, turned, settings: own } of scenes)
      expect(Array.from(turned.data), JSON.stringify(own)).toEqual(Array.from(dx.data))
  })

  it('does not get it from the kernel as it is', () => {
    const { w } = sceneOf({ size: 5, kernel: 3, padding: 0, stride: 1, dilation: 1 })
    expect(Array.from(turn(w).data)).not.toEqual(Array.from(w.data))
    expect(Array.from(turn(turn(w)).data)).toEqual(Array.from(w.data))
  })

  it('lists the outputs that read a cell in order, and their taps backwards', () => {
    const scene = sceneOf({ size: 5, kernel: 3, padding: 0, stride: 1, dilation: 1 })
    const { products } = sumAt(scene, 'fan', [2, 2])
    expect(products.map(({ output }) => output.join())).toEqual(
      '0,0 0,1 0,2 1,0 1,1 1,2 2,0 2,1 2,2'.split(' '),
    )
    expect(products.map(({ tap }) => tap.join())).toEqual('2,2 2,1 2,0 1,2 1,1 1,0 0,2 0,1 0,0'.split(' '))
  })

  it('spreads dy by the stride, in a frame of (K − 1)·δ − p zeros', () => {
    const { laid } = sceneOf({ size: 5, kernel: 3, padding: 1, stride: 2, dilation: 1 })
    const row = (r: number): string => laid[r].map(({ kind }) => kind[0]).join('')
    expect(laid.map((_, r) => row(r))).toEqual([
      'fffffff',
      'fdgdgdf',
      'fgggggf',
      'fdgdgdf',
      'fgggggf',
      'fdgdgdf',
      'fffffff',
    ])
  })

  it('says why a cell is read by none: a remainder, a hole of the kernel, a stride that steps over it', () => {
    const ruleAt = (own: object, place: readonly [number, number]): string =>
      sumAt(sceneOf({ size: 5, kernel: 3, padding: 0, stride: 1, dilation: 1, ...own }), 'fan', place).rule
    expect(ruleAt({ size: 6, stride: 2 }, [5, 0])).toMatch(/row 5 comes after the last window/)
    expect(ruleAt({ dilation: 2 }, [1, 0])).toMatch(/row 1 lies between the taps, .* hole/)
    expect(ruleAt({ kernel: 1, stride: 2 }, [0, 1])).toMatch(
      /column 1 lies between two windows: the stride 2/,
    )
    expect(ruleAt({}, [0, 0])).toBe('One window reads this cell.')
    expect(ruleAt({}, [2, 2])).toMatch(/^9 windows/)
  })
})
