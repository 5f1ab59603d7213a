import { TensorDataset } from '@handgrad/data'
import { Generator, Tensor } from '@handgrad/tensor'

/** Images of noise in which a bright row says the class: quick to learn, impossible to guess. */
export function barImages(count: number, seed: number): TensorDataset {
  const generator = new Generator(seed)
  const x = generator.uniform(new Float32Array(count * 784))
  const y = Int32Array.from({ length: count }, () => generator.random32() % 10)
  for (let i = 0; i < count; i++) x.fill(3, i * 784 + (2 * y[i] + 4) * 28, i * 784 + (2 * y[i] + 5) * 28)
  return new TensorDataset(new Tensor<'float32'>(x, [count, 1, 28, 28]), new Tensor<'int32'>(y, [count]))
}
