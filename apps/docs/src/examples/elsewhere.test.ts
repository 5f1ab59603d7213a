import { Conv2d, Flatten, Linear, Sequential } from '@handgrad/layers'
import { Adam, OneCycleLR, SGD } from '@handgrad/loss-optim'
import { manualSeed, randn, type Tensor, tensor, zeros } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import * as elsewhere from './elsewhere.ts'

const wide = { dtype: 'float64' } as const
const values = (x: Tensor): number[] => Array.from(x.data)
const close = (a: readonly number[], b: readonly number[]): void => {
  expect(a.length).toBe(b.length)
  a.forEach((value, i) => expect(value).toBeCloseTo(b[i], 12))
}

/** A convolution as Keras defines it: NHWC, [Kh,Kw,in,out], with zeros before and after each axis. */
function kerasConvolution(x: Tensor, w: Tensor, stride: number, padding: [number, number][]): Tensor {
  const [n, h, width, c] = x.shape
  const [kh, kw, , out] = w.shape
  const rows = Math.floor((h + padding[0][0] + padding[0][1] - kh) / stride) + 1
  const columns = Math.floor((width + padding[1][0] + padding[1][1] - kw) / stride) + 1
  const y = zeros([n, rows, columns, out], wide)
  for (let i = 0; i < n; i++)
    for (let u = 0; u < rows; u++)
      for (let v = 0; v < columns; v++)
        for (let o = 0; o < out; o++)
          for (let a = 0; a < kh; a++)
            for (let b = 0; b < kw; b++)
              for (let k = 0; k < c; k++) {
                const [p, q] = [u * stride + a - padding[0][0], v * stride + b - padding[1][0]]
                if (p < 0 || q < 0 || p >= h || q >= width) continue
                y.data[((i * rows + u) * columns + v) * out + o] +=
                  x.data[((i * h + p) * width + q) * c + k] * w.data[((a * kw + b) * c + k) * out + o]
              }
  return y
}

function ours(w: Tensor, options: object): Conv2d {
  const [out, inner, kh, kw] = w.shape
  const layer = new Conv2d(inner, out, [kh, kw], { ...options, ...wide, bias: false })
  layer.weight.data.set(w.data)
  return layer
}

describe('layouts', () => {
  it('a convolution of Keras, weights and images, is ours, and ours theirs', () => {
    manualSeed(1)
    const x = randn([2, 5, 7, 3], wide)
    const w = randn([3, 2, 3, 4], wide)
    const theirs = kerasConvolution(x, w, 1, [
      [0, 0],
      [0, 0],
    ])
    const y = ours(elsewhere.convolutionFromHWIO(w), {}).forward(elsewhere.toChannelsFirst(x))
    expect(elsewhere.toChannelsLast(y).shape).toEqual(theirs.shape)
    close(values(elsewhere.toChannelsLast(y)), values(theirs))
    expect(elsewhere.convolutionToHWIO(elsewhere.convolutionFromHWIO(w))).toEqual(w)
    expect(elsewhere.toChannelsLast(elsewhere.toChannelsFirst(x))).toEqual(x)
  })

  it('a dense layer is turned, and behind a Flatten its rows are met in another order', () => {
    manualSeed(2)
    const images = randn([2, 3, 2, 4], wide)
    const w = randn([24, 5], wide)
    const expected = [0, 1].flatMap((n) =>
      [0, 1, 2, 3, 4].map((o) => {
        let sum = 0
        for (let i = 0; i < 24; i++) sum += images.data[n * 24 + i] * w.data[i * 5 + o]
        return sum
      }),
    )
    const run = (weight: Tensor, x: Tensor): number[] => {
      const linear = new Linear(24, 5, { bias: false, ...wide })
      linear.weight.data.set(weight.data)
      return values(new Sequential(new Flatten(), linear).forward(x))
    }
    const first = elsewhere.toChannelsFirst(images)
    close(run(elsewhere.linearAfterFlatten(w, [3, 2, 4]), first), expected)
    expect(elsewhere.linearBeforeNHWC(elsewhere.linearAfterFlatten(w, [3, 2, 4]), [3, 2, 4])).toEqual(w)
    // Without the reordering it is another function, though every shape fits.
    expect(run(elsewhere.linearFromInOut(w), first)[0]).not.toBeCloseTo(expected[0], 3)
    close(run(elsewhere.linearFromInOut(w), tensor(images.data, [2, 24], wide)), expected)
    expect(elsewhere.linearToInOut(elsewhere.linearFromInOut(w))).toEqual(w)
  })
})

describe('SAME', () => {
  it.each([
    [5, 3, 1, 1, [1, 1]],
    [5, 2, 1, 1, [0, 1]],
    [6, 3, 2, 1, [0, 1]],
    [7, 3, 2, 1, [1, 1]],
    [5, 3, 1, 2, [2, 2]],
    [4, 1, 2, 1, [0, 0]],
  ])('of %i cells, kernel %i, stride %i, dilation %i is %j', (n, kernel, stride, dilation, expected) => {
    expect(elsewhere.samePadding(n, kernel, stride, dilation)).toEqual(expected)
  })

  it('is our padding where both sides are equal, and elsewhere zeros that are put there first', () => {
    manualSeed(3)
    const w = randn([3, 3, 2, 2], wide)
    for (const [n, even] of [
      [7, true],
      [6, false],
    ] as const) {
      const x = randn([1, n, n, 2], wide)
      const [before, after] = elsewhere.samePadding(n, 3, 2)
      const theirs = kerasConvolution(x, w, 2, [
        [before, after],
        [before, after],
      ])
      expect(before === after).toBe(even)
      const padded = kerasConvolution(x, tensor([1, 0, 0, 1], [1, 1, 2, 2], wide), 1, [
        [before, after],
        [before, after],
      ])
      const layer = ours(elsewhere.convolutionFromHWIO(w), { stride: 2, padding: even ? before : 0 })
      const y = layer.forward(elsewhere.toChannelsFirst(even ? x : padded))
      expect(theirs.shape.slice(1, 3)).toEqual([Math.ceil(n / 2), Math.ceil(n / 2)])
      close(values(elsewhere.toChannelsLast(y)), values(theirs))
    }
  })

  it("is our 'same' where the stride is 1", () => {
    manualSeed(4)
    const [x, w] = [randn([1, 5, 6, 1], wide), randn([2, 3, 1, 1], wide)]
    const padding = [elsewhere.samePadding(5, 2), elsewhere.samePadding(6, 3)]
    const y = ours(elsewhere.convolutionFromHWIO(w), { padding: 'same' }).forward(
      elsewhere.toChannelsFirst(x),
    )
    close(values(elsewhere.toChannelsLast(y)), values(kerasConvolution(x, w, 1, padding)))
  })
})

describe('momentum', () => {
  const gradients = [0.5, -1, 2, 0.25]
  const rates = [0.1, 0.1, 0.01, 0.01]

  /** Keras' SGD; where the rate changes its velocity is what `convert` makes of it. */
  function keras(convert: (velocity: number, from: number, to: number) => number): number[] {
    let [p, v] = [1, 0]
    return gradients.map((g, t) => {
      if (t > 0 && rates[t] !== rates[t - 1]) v = convert(v, rates[t - 1], rates[t])
      v = 0.9 * v - rates[t] * g
      return (p += v)
    })
  }

  function handgrad(): number[] {
    const weight = tensor(1, [], wide)
    const sgd = new SGD([weight], { lr: rates[0], momentum: 0.9 })
    return gradients.map((g, t) => {
      sgd.options.lr = rates[t]
      weight.g = tensor(g, [], wide)
      sgd.step()
      return weight.item()
    })
  }

  it('takes the same steps while the rate stays, and others once it changes', () => {
    const [own, theirs] = [handgrad(), keras((v) => v)]
    close(own.slice(0, 2), theirs.slice(0, 2))
    expect(Math.abs(own[2] - theirs[2])).toBeGreaterThan(0.01)
  })

  it('takes the same ones where what is kept is converted, in both directions', () => {
    const through = keras((v, from, to) =>
      elsewhere.momentumToKeras(elsewhere.momentumFromKeras(v, from), to),
    )
    close(handgrad(), through)
    expect(elsewhere.momentumFromKeras(elsewhere.momentumToKeras(3, 0.1), 0.1)).toBeCloseTo(3, 14)
  })
})

describe("Adam's ε", () => {
  const [beta1, beta2] = [0.9, 0.999]

  /** The step as in the paper's last remark, and in Keras: ε beside the bare √v. */
  function keras(gradients: readonly number[], hat: (step: number) => number): number[] {
    let [p, m, v] = [1, 0, 0]
    return gradients.map((g, i) => {
      const t = i + 1
      m = beta1 * m + (1 - beta1) * g
      v = beta2 * v + (1 - beta2) * g * g
      const rate = (0.1 * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t)
      return (p -= (rate * m) / (Math.sqrt(v) + hat(t)))
    })
  }
  function handgrad(gradients: readonly number[], eps: number): number[] {
    const weight = tensor(1, [], wide)
    const adam = new Adam([weight], { lr: 0.1, betas: [beta1, beta2], eps })
    return gradients.map((g) => {
      weight.g = tensor(g, [], wide)
      adam.step()
      return weight.item()
    })
  }

  it('is another one at each step', () => {
    const gradients = [1e-4, 3e-4, -2e-4]
    close(
      keras(gradients, (t) => elsewhere.epsilonToKeras(1e-4, beta2, t)),
      handgrad(gradients, 1e-4),
    )
    expect(Math.abs(keras([1e-4], () => 1e-4)[0] - handgrad([1e-4], 1e-4)[0])).toBeGreaterThan(0.01)
    close(
      keras([1e-4], () => 1e-4),
      handgrad([1e-4], elsewhere.epsilonFromKeras(1e-4, beta2, 1)),
    )
  })
})

describe("one-cycle's end", () => {
  /** optax.cosine_onecycle_schedule by its definition: cosines between the first rate, 1 and the last, by count. */
  function optax({ steps, pctStart }: elsewhere.OneCycle, counts: number): number[] {
    const peak = Math.floor(pctStart * steps)
    const between = (from: number, to: number, part: number): number =>
      to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2
    return Array.from({ length: counts }, (_, count) =>
      count < peak
        ? between(1 / 25, 1, count / peak)
        : between(1, 1 / 25 / 1e4, Math.min(1, (count - peak) / (steps - peak))),
    )
  }
  function handgrad({ steps, pctStart }: elsewhere.OneCycle): number[] {
    const sgd = new SGD([tensor([0])], { lr: 1 })
    const schedule = new OneCycleLR(sgd, 1, { totalSteps: steps, pctStart, cycleMomentum: false })
    return Array.from({ length: steps }, (_, i) => {
      if (i > 0) schedule.step()
      return sgd.options.lr
    })
  }

  it('is one step later in optax, and with as many steps each rate is another', () => {
    const cycle = { steps: 10, pctStart: 0.3 }
    const [own, theirs] = [handgrad(cycle), optax(cycle, 11)]
    expect([own[2], own[9]]).toEqual([expect.closeTo(1, 12), expect.closeTo(4e-6, 12)])
    expect([theirs[3], theirs[10]]).toEqual([1, expect.closeTo(4e-6, 12)])
    expect(theirs[9]).toBeGreaterThan(0.01)
  })

  it.each([
    [
      { steps: 10, pctStart: 0.3 },
      { steps: 11, pctStart: 4 / 11 },
    ],
    [
      { steps: 7, pctStart: 0.45 },
      { steps: 8, pctStart: 0.5 },
    ],
  ])('%j there is %j here, and back', (there, here) => {
    expect(elsewhere.oneCycleFromOptax(there)).toEqual(here)
    close(handgrad(here), optax(there, here.steps))
    const back = elsewhere.oneCycleToOptax(here)
    expect([back.steps, Math.floor(back.pctStart * back.steps)]).toEqual([
      there.steps,
      Math.floor(there.pctStart * there.steps),
    ])
    close(optax(back, here.steps), handgrad(here))
  })
})

it('initial weights lie within the bounds, which differ by a factor that the layer decides', () => {
  manualSeed(5)
  const { weight } = new Linear(784, 10)
  const top = Math.max(...values(weight).map(Math.abs))
  expect(top).toBeLessThanOrEqual(elsewhere.ourBound(784))
  expect(top).toBeGreaterThan(0.99 * elsewhere.ourBound(784))
  expect(elsewhere.glorotBound(784, 10) / elsewhere.ourBound(784)).toBeCloseTo(Math.sqrt((6 * 784) / 794), 12)
  expect(elsewhere.keptFromNew(0.1)).toBeCloseTo(0.9, 15)
})
