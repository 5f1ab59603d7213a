import { Swish } from './swish.ts'

/** The same with one mistake: the slope of σ is σ · (1 − σ), and here it is σ. */
export class WrongSwish extends Swish {
  protected override slope(x: number): number {
    const s = 1 / (1 + Math.exp(-x))
    return s + x * s
  }
}
