import { Conv2d, type Layer, MaxPool2d, ReLU } from '@handgrad/layers'
import { Generator, manualSeed, randn } from '@handgrad/tensor'
import { models } from '@handgrad/trainer'
import { describe, expect, it } from 'vitest'
import { conv2d } from '../src/explorers/conv2d.ts'
import { type Explorer, flatIndex } from '../src/explorers/explorer.ts'
import { linear } from '../src/explorers/linear.ts'
import { maxPool2d } from '../src/explorers/max-pool2d.ts'
import { originOf } from '../src/explorers/origin.ts'
import { relu } from '../src/explorers/relu.ts'
import { openCell, openLoss, type Side } from '../src/picture/open.ts'
import { productsOf, sumOf } from '../src/picture/products.ts'
import { readView, type View } from '../src/widgets/explorer/address.ts'
import { createState } from '../src/widgets/explorer/state.ts'
import { range } from '../src/widgets/format.ts'
import type { Look } from '../src/workers/protocol.ts'
import { lookThrough, smallPass } from './small-pass.ts'

const explorers = [conv2d, linear, maxPool2d, relu] as unknown as Explorer[]
const pages = new Map(explorers.map((explorer) => [`layers/${explorer.id}/`, explorer]))

/** What the page shows whose address that is. */
function shown(address: string) {
  const [path, query, hash] = address.split(/[?#]/)
  expect(hash).toBe('explorer')
  const explorer = pages.get(path)!
  const view = readView(query, explorer.id, explorer.options)
  const state = createState(explorer, view)
  const { tensors, problem } = state.result.value
  expect(problem).toBeNull()
  // All numbers fit: none is the page's own.
  for (const [name, numbers] of Object.entries(view.edited))
    expect(Array.from(tensors[name]!.data), name).toEqual(numbers)
  expect(Object.keys(view.edited).toSorted()).toEqual(Object.keys(state.inputs.value).toSorted())
  const { name, index } = view.pick!
  const picked = tensors[name]!
  expect(flatIndex(picked.shape, index)).toBeLessThan(picked.data.length)
  return { explorer, view, value: picked.data[flatIndex(picked.shape, index)], state }
}

function lookAtModel(model: string): Look {
  manualSeed(4)
  const x = randn([1, 1, 28, 28], { generator: new Generator(1) })
  return lookThrough(models[model]().flat(), x, model === 'lenet5' ? 3 : null)
}

const isWhole = ({ from }: View): boolean => from!.parts.length === from!.whole

describe.each(['seed', 'lenet5', 'mlp'])('a pass through %s', (model) => {
  const look = lookAtModel(model)
  const { stages } = look

  /** Corners, and some cells by chance. */
  const cells = (at: number): number[] => {
    const size = stages[at].value.data.length
    return [...new Set([0, size - 1, ...range(12).map((i) => Math.floor(size * ((i * 0.618) % 1)))])]
  }

  it('has gradients that are the sums of their products', () => {
    for (const at of range(stages.length - 1)) {
      for (const cell of cells(at)) {
        const gradient = stages[at].gradient.data[cell]
        expect(sumOf(productsOf(look, at, cell)), `${stages[at].name} ${cell}`).toBeCloseTo(gradient, 5)
      }
    }
    expect(productsOf(look, stages.length - 1, 0)).toEqual([])
  })

  it('opens pages whose picked cell is the network’s, as far as its parts are there', () => {
    let [whole, partly] = [0, 0]
    for (const at of range(stages.length)) {
      for (const side of ['value', 'gradient'] as Side[]) {
        for (const cell of cells(at)) {
          const { address } = openCell(look, at, cell, side)!
          if (!address.startsWith('layers/') || address === 'layers/flatten/') continue
          const { view, value } = shown(address)
          const where = `${stages[at].name} ${side} ${cell}`
          const own = (side === 'value' && at > 0 ? stages[at].value : stages[at].gradient).data[cell]
          expect(view.from!.value, where).toBeCloseTo(own, 6)
          expect(view.pick!.name).toBe(side === 'value' && at > 0 ? 'y' : 'dx')
          if (isWhole(view)) expect(value, where).toBeCloseTo(own, 5)
          if (isWhole(view)) whole += 1
          else partly += 1
        }
      }
    }
    expect(whole).toBeGreaterThan(30)
    expect(partly).toBeGreaterThan(10)
  })

  it('opens the loss with its ten scores, and the class that was asked for', () => {
    const { title, address } = openLoss(look)
    const query = new URLSearchParams(address.split(/[?#]/)[1])
    const scores = query.get('z')!.split(',').map(Number)
    expect(scores.map(Math.fround)).toEqual(Array.from(stages.at(-1)!.value.data))
    expect(query.get('target')).toBe(String(model === 'lenet5' ? 3 : look.predicted))
    expect([title, address.startsWith('cross-entropy/?')]).toEqual(['softmax and cross-entropy', true])
    expect(openCell(look, stages.length - 1, 2, 'gradient')).toEqual({ title, address })
  })
})

describe('one channel’s part of a sum', () => {
  const look = lookAtModel('seed')

  it('is that of the channel that gives most, and all channels and the bias add up to the value', () => {
    // The middle of plane 5 of the second convolution, whose input has 8 channels.
    const cell = (5 * 14 + 6) * 14 + 7
    const { view, value } = shown(openCell(look, 4, cell, 'value')!.address)
    const [x, y] = [look.stages[3].value.data, look.stages[4]]
    const weight = y.parameters[0].value.data
    const parts = range(8).map((c) =>
      range(9)
        .map(
          (tap) => weight[(5 * 8 + c) * 9 + tap] * x[(c * 14 + 5 + Math.floor(tap / 3)) * 14 + 6 + (tap % 3)],
        )
        .reduce((a, b) => a + b, 0),
    )
    const sizes = parts.map(Math.abs)
    const most = sizes.indexOf(Math.max(...sizes))
    expect(view.from).toMatchObject({ whole: 8, parts: [most] })
    expect(value).toBeCloseTo(parts[most], 6)
    expect(view.edited['b']).toEqual([0])
    const bias = y.parameters[1].value.data[5]
    expect(parts.reduce((a, b) => a + b, bias)).toBeCloseTo(y.value.data[cell], 5)
    // Nine outputs, of which the cell is the middle one; those of the network, and their gradients.
    expect(view.options).toMatchObject({ size: 5, width: 5, kernel: 3, stride: 1, padding: 0, dilation: 1 })
    expect(view.pick).toEqual({ name: 'y', index: [0, 1, 1] })
    expect(view.edited['dy'].map(Math.fround)).toEqual(
      range(9).map((i) => y.gradient.data[(5 * 14 + 5 + Math.floor(i / 3)) * 14 + 6 + (i % 3)]),
    )
  })

  it('of a gradient is that of the output channel that sends most back', () => {
    const cell = (2 * 14 + 6) * 14 + 7
    const { view, value } = shown(openCell(look, 3, cell, 'gradient')!.address)
    const products = productsOf(look, 3, cell)
    const parts = range(16).map((o) =>
      sumOf(products.filter(({ cell: output }) => Math.floor(output / 196) === o)),
    )
    const sizes = parts.map(Math.abs)
    const most = sizes.indexOf(Math.max(...sizes))
    expect(view.from).toMatchObject({ whole: 16, parts: [most] })
    expect(value).toBeCloseTo(parts[most], 6)
    expect(view.pick).toEqual({ name: 'dx', index: [0, 2, 2] })
  })

  it('of a score is the five inputs that give most', () => {
    const { view, value } = shown(openCell(look, 8, 6, 'value')!.address)
    const [x, weight] = [look.stages[7].value.data, look.stages[8].parameters[0].value.data]
    const parts = Array.from(x, (one, k) => one * weight[6 * 784 + k])
    const fifth = parts.map(Math.abs).toSorted((a, b) => b - a)[4]
    const most = range(784).filter((k) => Math.abs(parts[k]) >= fifth)
    expect(view.from).toMatchObject({ whole: 784, parts: most })
    expect(value).toBeCloseTo(
      most.reduce((sum, k) => sum + parts[k], 0),
      6,
    )
  })
})

describe('the numbers of a small pass', () => {
  const look = smallPass()
  const viewOf = (at: number, cell: number, side: Side): View =>
    shown(openCell(look, at, cell, side)!.address).view

  it('are those around the cell, zeros where the padding is', () => {
    expect(viewOf(1, 0, 'value')).toEqual({
      options: {
        size: 5,
        width: 5,
        inChannels: 1,
        outChannels: 1,
        kernel: 3,
        stride: 1,
        padding: 0,
        dilation: 1,
      },
      edited: {
        x: [0, 0, 0, 0, 0, 0, 1, 2, 0, 3, 0, 0, 5, 1, 0, 0, 2, 0, 4, 1, 0, 3, 1, 0, 2],
        w: [0, 0, 0, 0, 1, 0, 0, 0, -1],
        b: [0],
        dy: [0, 0, 0, 0, 0, 0, 0, 0, -1],
      },
      pick: { name: 'y', index: [0, 0, 0] },
      from: { value: -4, whole: 1, parts: [0] },
    })
    // The last pixel is read by four windows.
    expect(viewOf(0, 15, 'value')).toMatchObject({
      options: { size: 4, width: 4 },
      edited: { dy: [-1, 0, 0, 0] },
      pick: { name: 'dx', index: [0, 2, 2] },
      from: { value: 1 },
    })
    expect(viewOf(2, 4, 'value')).toMatchObject({
      options: { rows: 3, columns: 3 },
      edited: { x: [-4, 1, 0, 0, 1, 0, 1, 0, 2], dy: [0, 0, 0, 0, 0, 0, 0, 0, -1] },
      pick: { name: 'y', index: [1, 0] },
    })
    expect(viewOf(3, 3, 'value')).toMatchObject({
      options: { size: 4, width: 4, kernel: 2, stride: 2 },
      edited: { x: [0, 1, 0, 3, 0, 1, 0, 0, 1, 0, 2, 1, 3, 1, 0, 2], dy: [0, 1, 1, -1] },
      pick: { name: 'y', index: [0, 1, 1] },
      from: { value: 2 },
    })
    // Its own window alone.
    expect(viewOf(2, 14, 'gradient')).toMatchObject({
      options: { size: 2, width: 2 },
      edited: { x: [2, 1, 0, 2], dy: [-1] },
      pick: { name: 'dx', index: [0, 1, 0] },
      from: { value: 0 },
    })
    expect(viewOf(5, 1, 'value')).toMatchObject({
      options: { rows: 1, inFeatures: 4, outFeatures: 1 },
      edited: { x: [1, 3, 3, 2], w: [0, 1, 1, -1], b: [5], dy: [1] },
      from: { value: 9, whole: 4, parts: [0, 1, 2, 3] },
    })
    expect(viewOf(4, 3, 'gradient')).toMatchObject({
      options: { rows: 1, inFeatures: 1, outFeatures: 2 },
      edited: { x: [2], w: [2, -1], b: [0, 0], dy: [0, 1] },
      from: { value: -1, whole: 2, parts: [0, 1] },
    })
    expect(openCell(look, 4, 3, 'value')).toEqual({ title: 'Flatten', address: 'layers/flatten/' })
  })

  it('are not shown where the page has no such layer, or nothing reads the cell', () => {
    const open = (layer: Layer, at: number, cell: number, side: Side) =>
      openCell(lookThrough([layer], randn([1, 1, 5, 6], { generator: new Generator(2) })), at, cell, side)
    expect(open(new Conv2d(1, 1, [3, 2]), 1, 0, 'value')).toBeNull()
    expect(open(new Conv2d(1, 1, 2, { stride: [1, 2] }), 1, 0, 'value')).toBeNull()
    expect(open(new Conv2d(1, 1, 2, { dilation: [1, 2] }), 1, 0, 'value')).toBeNull()
    expect(open(new Conv2d(1, 1, 2), 1, 0, 'value')?.title).toBe('Conv2d')
    expect(open(new MaxPool2d([2, 3], { stride: 1 }), 1, 0, 'value')).toBeNull()
    expect(open(new MaxPool2d(2, { stride: [2, 1] }), 1, 0, 'value')).toBeNull()
    expect(open(new MaxPool2d(2, { stride: 1, dilation: [1, 2] }), 1, 0, 'value')).toBeNull()
    // The fifth row is in no window of a pooling by 2.
    expect(open(new MaxPool2d(2), 0, 24, 'gradient')).toBeNull()
    expect(open(new MaxPool2d(2), 0, 18, 'gradient')?.title).toBe('MaxPool2d')
    expect(open(new Conv2d(1, 1, 2, { stride: 2 }), 0, 24, 'gradient')).toBeNull()
    // Padding never wins, and the page would show zeros.
    expect(open(new MaxPool2d(2, { padding: 1 }), 1, 0, 'value')).toBeNull()
    expect(open(new MaxPool2d(2, { stride: 1, padding: 1 }), 1, 16, 'value')?.title).toBe('MaxPool2d')
    expect(open(new ReLU(), 1, 0, 'value')?.title).toBe('ReLU')
  })
})

describe('what is said of numbers that come from a network', () => {
  const from = { value: 0.5, whole: 8, parts: [3] }

  it('is how much of the cell is here', () => {
    expect(originOf(conv2d, 'y', from)).toBe(
      'These are numbers of a network. There this cell is 0.5: the sum over 8 input channels, and the bias. Here is input channel 3 alone, a part of that sum.',
    )
    expect(originOf(linear, 'dx', { ...from, parts: [1, 4, 6] })).toBe(
      'These are numbers of a network. There this cell is 0.5: the sum over 8 output features. Here are output features 1, 4 and 6, a part of that sum.',
    )
    const all = 'These are numbers of a network. There this cell is 0.5, and all that it is made of is here.'
    expect(originOf(conv2d, 'y', { ...from, whole: 1 })).toBe(all)
    expect(originOf(relu, 'y', from)).toBe(all)
  })

  it('lies in the address, and is gone when a number is changed or another cell is chosen', () => {
    const query = 'conv2d.pick=y.0.0.0&conv2d.from=0.5,8,3'
    const state = () => createState(conv2d, readView(query, 'conv2d', conv2d.options))
    expect(state().view.value.from).toEqual(from)
    const [changed, picked, set] = [state(), state(), state()]
    changed.setCell('x', [0, 0, 0], 7)
    picked.pick('y', [0, 0, 1])
    set.setOption('stride', 2)
    expect([changed, picked, set].map(({ view }) => view.value.from)).toEqual([null, null, null])
    expect(readView('conv2d.from=0.5,8', 'conv2d', conv2d.options).from).toBeNull()
  })
})
