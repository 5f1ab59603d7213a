import { Generator, type Tensor, tensor } from '@handgrad/tensor'

/** Small whole numbers from −3 to 3, drawn from `seed`: easy to multiply in one's head. */
export function smallNumbers(shape: readonly number[], seed: number): Tensor {
  const generator = new Generator(seed)
  const size = shape.reduce((count, extent) => count * extent, 1)
  const values = Float64Array.from({ length: size }, () => Math.floor(generator.random53() * 7) - 3)
  return tensor(values, shape)
}
