import { Generator, type Tensor, tensor } from '@handgrad/tensor'

/** Small whole numbers from −3 to 3, drawn from `seed`: easy to multiply in one's head. */
export function smallNumbers(shape: readonly number[], seed: number): Tensor {
  const generator = new Generator(seed)
  const size = shape.reduce((count, extent) => count * extent, 1)
  const values = Float64Array.from({ length: size }, () => Math.floor(generator.random53() * 7) - 3)
  return tensor(values, shape)
}

/** The same from −3 to 3 without 0, so that no product is missing for chance. */
export function few(shape: readonly number[], seed: number): Tensor {
  const generator = new Generator(seed)
  const size = shape.reduce((count, extent) => count * extent, 1)
  const choices = [-3, -2, -1, 1, 2, 3]
  const values = Float64Array.from({ length: size }, () => choices[Math.floor(generator.random53() * 6)])
  return tensor(values, shape)
}
