import { Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU } from '@handgrad/layers'
import { Generator, randn, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { inputsOf, movesWith, reachOf, readersOf, type Tie } from '../src/picture/reach.ts'
import { range } from '../src/widgets/format.ts'
import { plain } from '../src/workers/look.ts'
import type { Plain, Reads } from '../src/workers/protocol.ts'
import { readsOf } from '../src/workers/reads.ts'
import { smallPass } from './small-pass.ts'

const image = (...shape: number[]): Plain => plain(randn([1, ...shape], { generator: new Generator(3) }))
const pairs = (ties: readonly Tie[]): string => ties.map(({ cell, tap }) => `${tap}:${cell}`).join(' ')

describe('the cells that an output of a convolution reads', () => {
  const reads = readsOf(new Conv2d(1, 2, 3, { padding: 1 }), image(1, 4, 5))

  it('are nine, fewer at a border, each through its own tap', () => {
    // Output [0,1,2], in a plane of 4 × 5.
    expect(pairs(inputsOf(reads, 7, 20))).toBe('0:1 1:2 2:3 3:6 4:7 5:8 6:11 7:12 8:13')
    expect(pairs(inputsOf(reads, 0, 20))).toBe('4:0 5:1 7:5 8:6')
    // The last cell of the second output channel.
    expect(pairs(inputsOf(reads, 39, 20))).toBe('0:13 1:14 3:18 4:19')
  })

  it('follow stride, padding and dilation of each axis, and the channels of their group', () => {
    const options = { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2 } as const
    const layer = new Conv2d(4, 6, [2, 2], options)
    const grouped = readsOf(layer, image(4, 5, 6))
    expect(layer.outputShape([1, 4, 5, 6])).toEqual([1, 6, 3, 4])
    // Output [4,1,3]: rows 1 and 2, columns 3 and 5, of the channels 2 and 3.
    expect(pairs(inputsOf(grouped, (4 * 3 + 1) * 4 + 3, 120))).toBe(
      '0:69 1:71 2:75 3:77 0:99 1:101 2:105 3:107',
    )
    // Output [2,0,0]: its first row is padding; channels 0 and 1.
    expect(pairs(inputsOf(grouped, 24, 120))).toBe('2:0 3:2 2:30 3:32')
  })
})

describe('the cells that read an input', () => {
  const layers: [string, Reads, number, number][] = [
    ['Conv2d', readsOf(new Conv2d(2, 3, 3, { padding: 1 }), image(2, 4, 5)), 40, 60],
    ['stride 2', readsOf(new Conv2d(2, 3, 3, { stride: 2, padding: 2 }), image(2, 5, 6)), 60, 3 * 4 * 4],
    ['dilation, groups', readsOf(new Conv2d(4, 6, 2, { dilation: 2, groups: 2 }), image(4, 5, 6)), 120, 72],
    ['MaxPool2d', readsOf(new MaxPool2d(3, { stride: 2, padding: 1 }), image(2, 5, 6)), 60, 2 * 3 * 3],
    ['ReLU', readsOf(new ReLU(), image(2, 3, 4)), 24, 24],
    ['Linear', readsOf(new Linear(7, 3), image(7)), 7, 3],
  ]
  it.each(layers)('%s: are those that read it, through the same taps', (_name, reads, ins, outs) => {
    const there = range(outs).flatMap((output) =>
      inputsOf(reads, output, ins).map(({ cell, tap }) => `${cell} ${output} ${tap}`),
    )
    const back = range(ins).flatMap((input) =>
      readersOf(reads, input, outs).map(({ cell, tap }) => `${input} ${cell} ${tap}`),
    )
    expect(back.toSorted()).toEqual(there.toSorted())
    expect(there.length).toBeGreaterThan(outs - 1)
  })

  it('come in the order of the taps', () => {
    const reads = readsOf(new Conv2d(1, 1, 3), image(1, 5, 5))
    // Cell [2,2]: output [2,2] through tap 0, and so back to output [0,0] through tap 8.
    expect(pairs(readersOf(reads, 12, 9))).toBe('0:8 1:7 2:6 3:5 4:4 5:3 6:2 7:1 8:0')
  })
})

describe('what was chosen, and what passed', () => {
  it('is the cell that the pooling’s own backward pass pays, the first of ties, never the padding', () => {
    const values = [-1, -1, -3, 2, 2, 5, -2, -1, 5, 0, 7, 7, 7, 1, -4]
    const x = tensor(Float32Array.from([...values, ...values.map((v) => -v)]), [1, 2, 3, 5])
    for (const [size, options] of [
      [2, {}],
      [3, { stride: 2, padding: 1 }],
      [2, { stride: 1, dilation: 2 }],
      [[2, 3], { stride: [1, 2], padding: [0, 1] }],
    ] as const) {
      const layer = new MaxPool2d(size, options)
      const reads = readsOf(layer, plain(x))
      const y = layer.forward(x)
      for (const output of range(y.data.length)) {
        y.g = tensor(
          Float32Array.from(y.data, (_, i) => Number(i === output)),
          y.shape,
        )
        layer.bwd()
        const paid = x.g!.data.indexOf(1)
        const moving = range(30).filter((input) => movesWith(reads, output, input))
        expect(moving, `${layer.describe()} ${output}`).toEqual([paid])
        expect(inputsOf(reads, output, 30).map(({ cell }) => cell)).toContain(paid)
      }
    }
  })

  it('is what is above 0 of a ReLU, and everything of a Flatten and a Linear', () => {
    const x: Plain = { shape: [1, 3], data: Float32Array.of(-1, 0, 2) }
    const relu = readsOf(new ReLU(), x)
    expect(range(3).map((i) => movesWith(relu, i, i))).toEqual([false, false, true])
    expect(movesWith(readsOf(new Flatten(), x), 1, 1)).toBe(true)
    expect(movesWith(readsOf(new Linear(3, 2), x), 0, 1)).toBe(true)
    expect(movesWith(readsOf(new Conv2d(1, 1, 1), image(1, 2, 2)), 1, 1)).toBe(true)
  })

  it('is refused for a layer of which it is not known', () => {
    expect(() => readsOf(new Dropout(0.5), image(3))).toThrow(
      'Dropout(0.5): how it reads its input is not known here',
    )
  })
})

describe('the reach of a cell through a network', () => {
  const { stages } = smallPass()
  const marks = (at: number, cell: number, of: 'read' | 'moves'): string[] =>
    reachOf(stages, at, cell).map((reach) =>
      [...reach[of].keys()].filter((i) => reach[of][i] === 1).join(' '),
    )

  it('is for a maximum its window, and the image under it; it moves with the one cell that won', () => {
    // The pool's [0,1] is 3, from [0,3]; its window is rows 0–1, columns 2–3.
    expect(marks(3, 1, 'read')).toEqual(['1 2 3 5 6 7 9 10 11', '2 3 6 7', '2 3 6 7', '1', '1', '0 1'])
    expect(marks(3, 1, 'moves')).toEqual(['2 3 6 7', '3', '3', '1', '1', '0 1'])
  })

  it('ends at a ReLU that stops, both ways, and at a maximum that is elsewhere', () => {
    // The convolution's [0,0] is −4.
    expect(marks(1, 0, 'read')).toEqual(['0 1 4 5', '0', '0', '0', '0', '0 1'])
    expect(marks(1, 0, 'moves')).toEqual(['0 1 4 5', '0', '', '', '', ''])
    expect(marks(2, 0, 'moves')).toEqual(['', '', '0', '', '', ''])
    // [1,1] ties with [0,1], which comes first.
    expect(marks(2, 5, 'moves')).toEqual(['0 1 2 4 5 6 8 9 10', '5', '5', '', '', ''])
    expect(marks(2, 1, 'moves')[3]).toBe('0')
  })

  it('of a pixel is all that reads it, on to every score', () => {
    expect(marks(0, 0, 'read')).toEqual(['0', '0 1 4 5', '0 1 4 5', '0', '0', '0 1'])
    expect(marks(0, 0, 'moves')).toEqual(['0', '0 1 4 5', '1 5', '0', '0', '0 1'])
    const [all] = marks(5, 1, 'read')
    expect(all.split(' ')).toHaveLength(16)
    expect(marks(5, 1, 'moves').slice(1)).toEqual(['1 3 10 12', '1 3 10 12', '0 1 2 3', '0 1 2 3', '1'])
  })
})
