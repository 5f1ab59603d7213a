import { Generator } from '@handgrad/tensor'
import type { Image, Linear } from './network.ts'

/** Images of H × W = 2 × 3 pixels. */
export const H = 2
export const W = 3

/** The random numbers of a run, in the order that the trainer promises: model, split, then epoch after epoch. */
export class Draws {
  readonly generator: Generator

  constructor(seed: number) {
    this.generator = new Generator(seed)
  }

  /** Weight and bias, uniform in ±1/√F. */
  linear(F: number, K: number): Linear {
    const draw = (count: number): number[] => [
      ...this.generator.uniform(new Float32Array(count), -1 / Math.sqrt(F), 1 / Math.sqrt(F)),
    ]
    const flat = draw(K * F)
    return { weight: Array.from({ length: K }, (_, k) => flat.slice(k * F, (k + 1) * F)), bias: draw(K) }
  }

  /** A random order, of which the first 80 %, rounded down, are trained on. */
  split(images: readonly Image[]): [training: Image[], validation: Image[]] {
    const order = [...this.generator.randperm(images.length)].map((i) => images[i])
    const cut = Math.floor(images.length * 0.8)
    return [order.slice(0, cut), order.slice(cut)]
  }

  /** What every pass over some data draws first, for nothing. */
  begin(): void {
    this.generator.random64()
  }

  /** The order of an epoch, from a generator that is seeded for it. */
  shuffle(images: readonly Image[]): Image[] {
    const order = new Generator(BigInt.asUintN(63, this.generator.random64())).randperm(images.length)
    return [...order].map((i) => images[i])
  }

  /** Each image moved down and right by −max … max pixels, `background` around it; nothing is drawn for 0. */
  shift(images: readonly Image[], max: number, background: number): Image[] {
    if (max === 0) return [...images]
    const draw = (): number => (this.generator.random32() % (2 * max + 1)) - max
    const ways = images.map(() => [draw(), draw()])
    return images.map(({ pixels, ...rest }, n) => {
      const [down, right] = ways[n]
      const moved = pixels.map((_, i) => {
        const [h, w] = [Math.floor(i / W) - down, (i % W) - right]
        return h >= 0 && h < H && w >= 0 && w < W ? pixels[h * W + w] : background
      })
      return { ...rest, pixels: moved }
    })
  }

  /** Each pixel dropped with probability `p`, and the others divided by what is left. */
  drop(images: readonly Image[], p: number): Image[] {
    if (p === 0) return [...images]
    return images.map(({ pixels, ...rest }) => ({
      ...rest,
      pixels: pixels.map((x) => (this.generator.random53() < 1 - p ? x / (1 - p) : 0)),
    }))
  }
}
