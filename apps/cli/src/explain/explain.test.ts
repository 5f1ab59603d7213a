import { Conv2d, Dropout, Flatten, Layer, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { Generator, manualSeed, randn, Tensor } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import { explain } from './explain.ts'
import { elementAt, heaviest, type Part, valueAt } from './explainer.ts'
import { findExplainer } from './find-explainer.ts'

const double = { dtype: 'float64' } as const

/** x·x, which has no words of its own. */
class Square extends ReLU {
  protected override compute(x: Tensor): { y: Tensor; saved: Tensor } {
    return {
      y: new Tensor(
        x.data.map((v: number) => v * v),
        x.shape,
      ),
      saved: x,
    }
  }
  protected override gradients(dy: Tensor, x: Tensor): Tensor {
    return new Tensor(
      dy.data.map((v: number, i: number) => 2 * v * x.data[i]),
      x.shape,
    )
  }
}

/** [N,C,H,W] → [N,C], the mean of each channel: another shape, and no words of its own. */
class Means extends Layer {
  #pass: { x: Tensor; y: Tensor } | null = null
  forward(x: Tensor): Tensor {
    const [, C, H, W] = x.shape
    const means = Array.from({ length: C }, (_, c) => {
      const own = x.data.slice(c * H * W, (c + 1) * H * W) as Float64Array
      return own.reduce((sum, value) => sum + value, 0) / (H * W)
    })
    const y = new Tensor(Float64Array.from(means), [1, C])
    this.#pass = { x, y }
    return y
  }
  bwd(): void {
    const { x, y } = this.#pass!
    const each = x.data.length / y.data.length
    x.g = new Tensor(
      Float64Array.from(x.data, (_, i) => y.g!.data[Math.floor(i / each)] / each),
      x.shape,
    )
  }
  outputShape(shape: readonly number[]): number[] {
    return shape.slice(0, 2)
  }
  describe(): string {
    return 'Means()'
  }
}

const nets: Record<string, () => Layer[]> = {
  'a plain one': () => [
    new Conv2d(2, 3, 3, { padding: 1, ...double }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(3 * 5 * 4, 6, double),
    new ReLU(),
    new Dropout(0.5),
    new Linear(6, 4, double),
  ],
  'strides, groups and dilations, no bias': () => [
    new Conv2d(2, 4, [2, 3], {
      stride: [2, 1],
      padding: [1, 2],
      dilation: [1, 2],
      groups: 2,
      bias: false,
      ...double,
    }),
    new MaxPool2d(3, { stride: 1, padding: 1 }),
    new Conv2d(4, 2, 2, { padding: 'same', ...double }),
    new MaxPool2d([2, 3], { ceilMode: true, dilation: [1, 2] }),
    new Flatten(),
    new Linear(18, 4, { bias: false, ...double }),
  ],
  'a layer of one’s own, and one inside another': () => [
    new Sequential(new Conv2d(2, 2, 3, double), new Square()),
    new Flatten(),
    new Linear(2 * 8 * 7, 4, double),
  ],
  'a layer of one’s own that makes another shape': () => [
    new Conv2d(2, 3, 3, double),
    new Means(),
    new Linear(3, 4, double),
  ],
}

/** The loss of a network for an image, by itself. */
function lossOf(net: Sequential, x: Tensor, truth: number): number {
  net.eval()
  return new CrossEntropyLoss().forward(net.forward(x), new Tensor<'int32'>(Int32Array.of(truth), [1])).item()
}

/** The change of the loss with one number of a tensor. */
function slope(
  net: Sequential,
  x: Tensor,
  truth: number,
  tensor: Tensor,
  indices: readonly number[],
): number {
  const offset = indices.reduce((sum, index, axis) => sum * tensor.shape[axis] + index, 0)
  const { data } = tensor
  const before = data[offset]
  const losses = [1e-7, -1e-7].map((step) => {
    data[offset] = before + step
    return lossOf(net, x, truth)
  })
  data[offset] = before
  return (losses[0] - losses[1]) / 2e-7
}

const indicesIn = (name: string): number[] => /\[(.*)\]/.exec(name)![1].split(',').map(Number)
const total = ({ terms = [] }: Part): number => terms.reduce((sum, { value }) => sum + value, 0)

describe.each(Object.entries(nets))('%s', (_, layersOf) => {
  const make = async (wanted?: number) => {
    manualSeed(3)
    const net = new Sequential(...layersOf())
    const x: Tensor = randn([1, 2, 10, 9], { generator: new Generator(5), ...double })
    const truth = 2
    const explanation = await explain(net, x, truth, wanted)
    const layers = net.flat()
    let value = x
    const inputs = layers.map((layer) => {
      const input = value
      value = layer.forward(input)
      return input
    })
    const { layers: steps, ...rest } = explanation
    return { net, x, truth, layers, inputs: [...inputs, value], steps, ...rest }
  }

  test('every value is that of the network, and what is written beside it comes to it', async () => {
    const { steps, layers, inputs } = await make()
    expect(steps.map(({ layer }) => layer)).toEqual(layers.map((layer) => layer.describe()))
    for (const [i, { at, forward, backward }] of steps.entries()) {
      expect(forward[0].value).toBe(valueAt(inputs[i + 1], at))
      for (const part of [...forward, ...backward]) {
        if ((part.terms ?? []).length > 0) expect(total(part)).toBeCloseTo(part.value, 12)
        for (const { factors, value } of part.terms ?? [])
          if (factors !== undefined) expect(value).toBe(factors[0] * factors[1])
      }
    }
  })

  test('the way is one: each layer goes on where the one behind it came from', async () => {
    const { steps, predicted } = await make()
    expect(steps.at(-1)!.at).toEqual([predicted])
    for (const [i, { at }] of steps.slice(0, -1).entries()) expect(at).toEqual(steps[i + 1].from)
    const other = await make(1)
    expect([other.followed, other.steps.at(-1)!.at]).toEqual([1, [1]])
  })

  test('gradients are the changes of the loss', async () => {
    const { net, x, truth, steps, layers } = await make()
    const [pixel] = steps[0].backward
    expect(pixel.name).toBe(`dx[${steps[0].from.join(',')}]`)
    expect(pixel.value).toBeCloseTo(slope(net, x, truth, x, [0, ...steps[0].from]), 6)
    let seen = 0
    for (const [i, { backward }] of steps.entries()) {
      const [weight, bias] = layers[i].parameters()
      for (const { name, value } of backward.slice(1)) {
        const tensor = name.startsWith('dw') ? weight : bias
        expect(value).toBeCloseTo(slope(net, x, truth, tensor, indicesIn(name)), 6)
        seen++
      }
    }
    expect(seen).toBeGreaterThan(1)
  })

  test('the end: shares, loss, and the gradient of each logit', async () => {
    const { classes, loss, truth, predicted, inputs, net, x } = await make()
    const logits = [...inputs.at(-1).data]
    expect(classes.map(({ logit }) => logit)).toEqual(logits)
    expect(predicted).toBe(logits.indexOf(Math.max(...logits)))
    expect(loss).toBe(lossOf(net, x, truth))
    const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0)
    for (const [k, { exp, probability, gradient }] of classes.entries()) {
      expect(probability).toBeCloseTo(Math.exp(logits[k]) / sum, 12)
      expect(exp).toBeCloseTo(Math.exp(logits[k] - Math.max(...logits)), 12)
      expect(gradient).toBeCloseTo(probability - (k === truth ? 1 : 0), 12)
    }
    expect(-Math.log(classes[truth].probability)).toBeCloseTo(loss, 12)
  })
})

test('the parts of a convolution: the kernel, what lies under it, and the taps outside', async () => {
  const conv = new Conv2d(1, 1, 2, { padding: 1 })
  conv.weight.data.set([1, -2, 3, 4])
  conv.bias!.data.set([0.5])
  const net = new Sequential(conv, new Flatten(), new Linear(9, 2))
  net.parameters()[2].data.fill(0).set([1], 0)
  const x = new Tensor<'float32'>(Float32Array.of(5, 6, 7, 8), [1, 1, 2, 2])
  const { layers } = await explain(net, x, 0, 0)
  // The logit of class 0 is y[0], the corner, where only the last tap lies in the image: 0.5 + 4·5.
  expect(layers[0]).toMatchObject({ at: [0, 0, 0], from: [0, 0, 0] })
  const [part] = layers[0].forward
  expect(part).toEqual({
    name: 'y[0,0,0]',
    value: 20.5,
    grids: [
      {
        title: 'what lies under it, channel 0',
        rows: [
          [null, null],
          [null, 5],
        ],
      },
      {
        title: 'the kernel w[0,0]',
        rows: [
          [1, -2],
          [3, 4],
        ],
      },
    ],
    terms: [
      { name: 'b[0]', value: 0.5 },
      { name: 'w[0,0,1,1]·x[0,0,0]', factors: [4, 5], value: 20 },
    ],
  })
  expect(layers[0].backward.map(({ name }) => name)).toEqual(['dx[0,0,0]', 'dw[0,0,1,1]', 'db[0]'])
})

test('a pool tells its window and who won it; a cell of several windows has all their gradients', async () => {
  const net = new Sequential(new MaxPool2d([1, 2], { stride: 1 }), new Flatten(), new Linear(2, 2))
  net.parameters()[0].data.set([3, 1, 0, 0])
  const x = new Tensor<'float32'>(Float32Array.of(1, 9, 2), [1, 1, 1, 3])
  const { layers } = await explain(net, x, 1, 0)
  expect(layers[0].forward).toEqual([
    {
      name: 'y[0,0,0]',
      value: 9,
      grids: [{ title: 'its window, from x[0,0,0] on', rows: [[1, 9]] }],
      terms: [{ name: 'max of the window, x[0,0,1]', value: 9 }],
    },
  ])
  const [{ name, terms, rule }] = layers[0].backward
  expect([name, terms!.map((term) => term.name)]).toEqual(['dx[0,0,1]', ['dy[0,0,0]', 'dy[0,0,1]']])
  expect(rule).toBe('the winner has the gradient of its window, the others have none')
  const tie = new Tensor<'float32'>(Float32Array.of(4, 4, 1), [1, 1, 1, 3])
  expect((await explain(net, tie, 1, 0)).layers[0].from).toEqual([0, 0, 0])
})

test('ReLU says whether it passes', async () => {
  const net = new Sequential(new ReLU(), new Linear(2, 2))
  net.parameters()[0].data.set([1, 2, 1, 1])
  const of = async (...values: [number, number]) =>
    (await explain(net, new Tensor<'float32'>(Float32Array.from(values), [1, 2]), 0, 0)).layers[0]
  const passing = await of(1, 3)
  expect(passing.forward[0]).toEqual({
    name: 'y[1]',
    value: 3,
    rule: 'x is above 0 and passes, and so will its gradient',
    terms: [{ name: 'max(0, x[1])', value: 3 }],
  })
  expect(passing.backward[0].terms).toEqual([
    { name: '1(x > 0)·dy[1]', factors: [1, passing.backward[0].value], value: passing.backward[0].value },
  ])
  const held = await of(0, -3)
  expect(held.forward[0].rule).toBe('x is not above 0: nothing passes, and no gradient will')
  expect(held.backward[0]).toMatchObject({ value: 0, terms: [{ factors: [0, expect.any(Number)] }] })
})

test('each layer has its words by its class; one with code of its own, and an unknown one, have none', async () => {
  const of = async (layer: Layer): Promise<string> => (await findExplainer(layer)).of.name
  const all = [
    new Conv2d(1, 1, 1),
    new Linear(1, 1),
    new ReLU(),
    new MaxPool2d(1),
    new Flatten(),
    new Dropout(0.5),
  ]
  expect(await Promise.all(all.map(of))).toEqual([
    'Conv2d',
    'Linear',
    'ReLU',
    'MaxPool2d',
    'Flatten',
    'Dropout',
  ])
  class Rectifier extends ReLU {}
  class Linear2 extends Linear {}
  expect(await of(new Rectifier())).toBe('ReLU')
  expect(await of(new Linear2(1, 1))).toBe('Linear')
  expect(await of(new Square())).toBe('Layer')
  expect(await of(new Means())).toBe('Layer')
  // A class of another's with the name of ours.
  const impostor = { Linear: class extends Means {} }.Linear
  Object.defineProperty(impostor, 'name', { value: 'Linear' })
  expect(await of(new impostor())).toBe('Layer')
})

test('elements by their indices, and the heaviest of several', () => {
  const t = new Tensor<'float32'>(
    Float32Array.from({ length: 24 }, (_, i) => i),
    [2, 3, 4],
  )
  expect([elementAt(t, [1, 2, 3]), elementAt(t, [1, 0, 1]), valueAt(t, [2, 1])]).toEqual([23, 13, 9])
  const terms = [1, -3, 3, 2].map((value, i) => ({ name: String(i), value }))
  expect(heaviest(terms).name).toBe('1')
})
