import { type DType, Generator, type Tensor } from '@handgrad/tensor'

/** How many elements of a tensor are recorded: `SAMPLES` of fixtures/record.py. */
const SAMPLES = 256

const cache = new Map<number, Int32Array>()

/** Which of a tensor's `length` elements are recorded, in ascending order. */
export function sampledPlaces(length: number): Int32Array {
  const known = cache.get(length)
  if (known !== undefined) return known
  const places = new Generator(0).randperm(length).slice(0, SAMPLES).sort()
  cache.set(length, places)
  return places
}

/** What `stats` of fixtures/record.py holds of a tensor: sum, norm, smallest and largest element. */
export function statsOf({ data }: Tensor<DType>): [sum: number, norm: number, min: number, max: number] {
  let [sum, squares, min, max] = [0, 0, Infinity, -Infinity]
  for (const element of data) {
    const value = Number(element)
    sum += value
    squares += value * value
    min = Math.min(min, Number(element))
    max = Math.max(max, Number(element))
  }
  return [sum, Math.sqrt(squares), min, max]
}
