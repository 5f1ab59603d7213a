import { type DType, saveSafetensors, type Tensor } from '@handgrad/tensor'

/** Elements and a shape, as they lie in a file: a tensor, or whole numbers of one or two bytes, which no tensor has. */
export type FileArray =
  | Pick<Tensor<DType>, 'data' | 'shape'>
  | { readonly data: Int8Array | Int16Array; readonly shape: readonly number[] }

/** Whole numbers in the fewest bytes that hold them all. */
export function narrowest({ data, shape }: Tensor<'int32'>): FileArray {
  for (const Narrow of [Int8Array, Int16Array]) {
    const own = Narrow.from(data)
    if (own.every((value, i) => value === data[i])) return { data: own, shape }
  }
  return { data, shape }
}

const names = { 1: 'I8', 2: 'I16', 4: 'I32' } as const

/** A safetensors file of tensors and, behind them, of whole numbers: those of the most bytes first, so that all are aligned. */
export function saveNarrow(
  tensors: Readonly<Record<string, Tensor<DType>>>,
  whole: Readonly<Record<string, FileArray>>,
): Uint8Array {
  const file = saveSafetensors(tensors)
  const length = Number(new DataView(file.buffer).getBigUint64(0, true))
  const members = new TextDecoder()
    .decode(file.subarray(8, 8 + length))
    .trim()
    .slice(1, -1)
  const parts: Uint8Array[] = [file.subarray(8 + length)]
  let begin = parts[0].length
  const size = (name: string): 1 | 2 | 4 => whole[name].data.BYTES_PER_ELEMENT as 1 | 2 | 4
  const entries = Object.keys(whole)
    .sort((a, b) => size(b) - size(a))
    .map((name) => {
      const { data, shape } = whole[name]
      const end = begin + data.byteLength
      parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      const entry = { dtype: names[size(name)], shape, data_offsets: [begin, end] }
      begin = end
      return `${JSON.stringify(name)}:${JSON.stringify(entry)}`
    })
  const header = `{${[members, ...entries].filter((member) => member !== '').join(',')}}`
  const text = new TextEncoder().encode(header)
  const padded = Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(8 + padded + begin).fill(0x20, 8 + text.length, 8 + padded)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true)
  bytes.set(text, 8)
  let at = 8 + padded
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
