import { describeValue } from '../describe.ts'
import { arrayKind, type DType } from '../dtype.ts'
import { Tensor } from '../tensor.ts'
import { readingOf } from './dtypes.ts'
import { inTensor, readHeader } from './header.ts'

/** What a safetensors file holds; both records have no prototype, so that any name is harmless. */
export interface SafetensorsFile {
  readonly tensors: Record<string, Tensor<DType>>
  /** The file's own strings, or undefined when it has none. */
  readonly metadata: Record<string, string> | undefined
}

/**
 * Reads a safetensors file with its metadata; tensors are copies, in the order of their bytes.
 *
 * F32, F64, I32, I64 and U8 keep their type and every bit. Smaller floats (F16, BF16, F8, F4) become float32, which
 * holds them exactly; BOOL becomes uint8, I8, I16 and U16 int32, U32 and U64 int64, and C64 float32 with a last
 * axis of 2, as `torch.view_as_real`.
 * @throws SafetensorsError when the file is malformed or a U64 does not fit; TypeError for anything but bytes.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (arrayKind(bytes) !== 'Uint8Array')
    throw new TypeError(`safetensors: the file must be given as a Uint8Array, got ${describeValue(bytes)}`)
  const { entries, metadata, dataStart } = readHeader(bytes)
  const tensors: Record<string, Tensor<DType>> = Object.create(null)
  for (const { name, dtype, shape, begin, end } of entries) {
    const { read, tail = [] } = readingOf(dtype)
    const { buffer } = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end))
    tensors[name] = new Tensor<DType>(
      inTensor(name, () => read(buffer)),
      [...shape, ...tail],
    )
  }
  return { tensors, metadata }
}

/**
 * The tensors of a safetensors file by name: {@link readSafetensors} without its metadata.
 * @throws SafetensorsError when the file is malformed; TypeError for anything but bytes.
 */
export function loadSafetensors(bytes: Uint8Array): Record<string, Tensor<DType>> {
  return readSafetensors(bytes).tensors
}
