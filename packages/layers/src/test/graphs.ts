import { Generator, numel, type Tensor, tensor } from '@handgrad/tensor'
import {
  Conv1d,
  Conv2d,
  Dropout,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from '../index.ts'
import { Leaky, MeanFree, Skip } from './containers.ts'

/** Whole numbers from −`most` to `most`: sums of products of them are exact in whatever order. */
export function whole(shape: readonly number[], most: number, generator: Generator): Tensor {
  const length = numel(shape)
  return tensor(
    Float32Array.from({ length }, () => (generator.random32() % (2 * most + 1)) - most),
    shape,
  )
}

/** A network that nobody chose: chains and forks of layers with kernels, and layers of one's own in between. */
export interface Graph {
  readonly net: Sequential
  readonly x: Tensor
}

/**
 * The networks of seeds from here on are for lines [N,C,L], and some for batches of five axes; those before are for images and
 * rows.
 */
export const FIRST_LINES = 1_000_000

/**
 * The network of a seed, the same whenever it is made. Few parameters are not 0, so that numbers stay small enough to be
 * exact in float32.
 */
export function graphOf(seed: number): Graph {
  const generator = new Generator(seed)
  const of = (n: number): number => generator.random32() % n
  const N = [1, 2, 4, 8, 16, 32][of(6)]
  const image = (): number[] => [1 + of(5), 2 + of(9), 2 + of(9)]
  const line = (): number[] => [1 + of(5), 2 + of(19)]
  const other = (): number[] => (of(8) === 0 ? [1 + of(3), 2, 1 + of(4), 2] : line())
  const sample = seed >= FIRST_LINES ? other() : of(4) === 0 ? [2 + of(9)] : image()
  const x = whole([N, ...sample], 2, generator)
  const { layers } = chain([N, ...sample], 2 + of(5), generator, 2)
  const net = new Sequential(...layers)
  for (const parameter of net.parameters()) parameter.data.set(sparse(parameter, generator))
  return { net, x }
}

/** −1, 0 or 1, mostly 0. */
function sparse({ shape }: Tensor, generator: Generator): ArrayLike<number> {
  return whole(shape, 3, generator).data.map((value) => (Math.abs(value) === 1 ? value : 0))
}

function chain(
  from: readonly number[],
  count: number,
  generator: Generator,
  depth: number,
): { layers: Layer[]; shape: readonly number[] } {
  const layers: Layer[] = []
  let shape = from
  for (let i = 0; i < count; i++) {
    const layer = draw(shape, generator, depth)
    shape = layer.outputShape(shape)
    layers.push(layer)
  }
  return { layers, shape }
}

function draw(shape: readonly number[], generator: Generator, depth: number): Layer {
  const of = (n: number): number => generator.random32() % n
  const [N, C, H] = shape
  if (depth > 0 && of(3) === 0) return new Skip(bodyFor(shape, generator, depth - 1))
  const anywhere = [
    () => new ReLU(),
    () => new Leaky(),
    () => new Dropout(0.5, { generator: new Generator(N) }),
  ]
  const rows = [() => new Linear(C, 1 + of(8)), () => new MeanFree(), () => new Linear(C, 3, { bias: false })]
  const images = [
    () => new Conv2d(C, 1 + of(9), Math.min(3, H), { padding: 1 }),
    () => new Conv2d(C, 2, 1, { bias: of(2) > 0, stride: 1 + of(2) }),
    () => new MaxPool2d(Math.min(2, H, shape[3]), { stride: 1 + of(2) }),
    () => new Flatten(),
    () =>
      new Sequential(
        new Conv2d(C, 8, 3, { padding: 1 }),
        new ReLU(),
        new MaxPool2d(Math.min(2, H, shape[3])),
      ),
    () => new Sequential(new ReLU(), new Sequential(new Flatten())),
  ]
  const lines = [
    () => new Conv1d(C, 1 + of(9), Math.min(3, H), { padding: 1 }),
    () => new Conv1d(C, 2, 1, { bias: of(2) > 0, stride: 1 + of(2) }),
    () => new Sequential(new Conv1d(C, 8, 4, { padding: 'same', groups: C === 4 ? 2 : 1 }), new ReLU()),
    () => new Flatten(),
    () => new Sequential(new ReLU(), new Sequential(new Flatten({ endDim: 2 }))),
  ]
  const wide = H > 2 && shape[3] > 2 ? images : images.slice(3, 4)
  const own = { 2: rows, 3: lines, 4: wide, 5: [] }[shape.length as 2 | 3 | 4 | 5]
  const list = [...anywhere, ...own, ...own]
  return list[of(list.length)]()
}

/** Those of one layer for rows, lines and images of C features or channels. */
const sameShaped: Readonly<Record<2 | 3 | 4 | 5, (C: number) => (() => Layer)[]>> = {
  2: (C) => [() => new Linear(C, C), () => new MeanFree()],
  3: (C) => [() => new Conv1d(C, C, 3, { padding: 1 }), () => new Conv1d(C, C, 1)],
  4: (C) => [() => new Conv2d(C, C, 3, { padding: 1 }), () => new Conv2d(C, C, 1)],
  5: () => [],
}

/** Layers that give what they get the shape of. */
function bodyFor(shape: readonly number[], generator: Generator, depth: number): Layer {
  const of = (n: number): number => generator.random32() % n
  const [, C] = shape
  const same = (): Layer => {
    const list = [
      () => new ReLU(),
      () => new Leaky(),
      () => new Dropout(0.5, { generator: new Generator(C) }),
      ...(depth > 0 ? [() => new Skip(new ReLU()), () => new Skip(new Sequential())] : []),
      ...sameShaped[shape.length as 2 | 3 | 4 | 5](C),
    ]
    return list[of(list.length)]()
  }
  const layers = Array.from({ length: 1 + of(3) }, same)
  return of(4) === 0 ? layers[0] : new Sequential(...layers)
}
