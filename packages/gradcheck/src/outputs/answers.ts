import { type DType, readSafetensors, type Tensor } from '@handgrad/tensor'
import { readNpz } from '../pack/npz.ts'
import { type Precision, precisions } from '../ulp.ts'

/** One tensor that a program gave, and the type that its file says. */
export interface Answer {
  readonly tensor: Tensor
  readonly dtype: Precision
}

/** The files that a program may write for a case. */
export const answerFiles = ['outputs.safetensors', 'outputs.npz'] as const

const names: Readonly<Record<string, Precision>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
}

interface Read {
  readonly tensor: Tensor<DType>
  readonly dtype: string
}

/** Small floats are read as float32, which holds them: what they were is in the header alone. */
function fromSafetensors(bytes: Uint8Array): Record<string, Read> {
  const { tensors } = readSafetensors(bytes)
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  const header = new Map(
    Object.entries(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as object),
  ) as Map<string, { dtype: string }>
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const { dtype } = header.get(name)!
      return [name, { tensor, dtype: names[dtype] ?? dtype }]
    }),
  )
}

const isPrecision = (dtype: string): dtype is Precision => (precisions as readonly string[]).includes(dtype)

/**
 * The tensors of a file that a program wrote, named as one of {@link answerFiles}.
 * @throws Error for a malformed file, and for a tensor that is not of a floating-point type.
 */
export function readAnswers(file: (typeof answerFiles)[number], bytes: Uint8Array): Record<string, Answer> {
  const read = file === 'outputs.npz' ? readNpz(bytes) : fromSafetensors(bytes)
  return Object.fromEntries(
    Object.entries(read).map(([name, { tensor, dtype }]): [string, Answer] => {
      if (!isPrecision(dtype))
        throw new Error(`${file}: ${name} is ${dtype}, expected one of ${precisions.join(', ')}`)
      return [name, { tensor: tensor as Tensor, dtype }]
    }),
  )
}
