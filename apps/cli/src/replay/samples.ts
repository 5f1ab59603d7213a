import { type DType, Generator, type Tensor } from '@handgrad/tensor'

/** How many elements of a tensor are recorded: `SAMPLES` of fixtures/record.py. */
const SAMPLES = 256

const cache = new Map<number, Int32Array>()

/** Which of a tensor's `length` elements are recorded, in ascending order. */
export function sampledPlaces(length: number): Int32Array {
  const known = cache.get(length)
  if (known !== undefined) return known
  const all = new Generator(0).randperm(length)
  const places = length <= SAMPLES ? all.sort() : all.slice(0, SAMPLES).sort()
  cache.set(length, places)
  return places
}

/** What `stats` of fixtures/record.py holds of a tensor: sum, norm, smallest and largest element. */
export function statsOf({ data }: Tensor<DType>): [sum: number, norm: number, min: number, max: number] {
  let [sum, squares, min, max] = [0, 0, Infinity, -Infinity]
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i])
    sum += value
    squares += value * value
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  return [sum, Math.sqrt(squares), min, max]
}
