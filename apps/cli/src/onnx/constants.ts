import { create } from '@bufbuild/protobuf'
import type { Tensor } from '@handgrad/tensor'
import {
  type GraphProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf'
import { OnnxError } from './error.ts'
import { fromTensorProto, type OtherFiles, wholeNumbers } from './tensors.ts'

/** The constants of a graph by name. What no node reads is never looked at. */
export class Constants {
  readonly #protos: Map<string, () => TensorProto>
  readonly #files: OtherFiles

  constructor({ initializer }: GraphProto, files: OtherFiles) {
    this.#protos = new Map(initializer.map((proto) => [proto.name, () => proto]))
    this.#files = files
    if (this.#protos.size < initializer.length) throw new OnnxError('two constants have the same name')
  }

  has(name: string): boolean {
    return this.#protos.has(name)
  }

  /** A constant of floating-point numbers. */
  tensor(name: string): Tensor {
    return fromTensorProto(this.#protos.get(name)!(), this.#files)
  }

  /** A constant of whole numbers, or of truth values as 0 and 1. */
  whole(name: string): number[] {
    return wholeNumbers(this.#protos.get(name)!(), this.#files)
  }

  /** Another name of a constant. */
  alias(name: string, of: string): void {
    this.#protos.set(name, this.#protos.get(of)!)
  }

  /** What a node Constant gives. */
  define(name: string, node: NodeProto, refuse: (problem: string) => never): void {
    this.#protos.set(name, () => Object.assign(valueOf(node, refuse), { name }))
  }
}

function valueOf({ attribute }: NodeProto, refuse: (problem: string) => never): TensorProto {
  const [{ name, t, f, floats, i, ints } = refuse('it has no value')] = attribute
  const make = (dims: bigint[], rest: Partial<Pick<TensorProto, 'floatData' | 'int64Data'>>): TensorProto => {
    const dataType = rest.floatData === undefined ? TensorProto_DataType.INT64 : TensorProto_DataType.FLOAT
    return create(TensorProtoSchema, { dims, dataType, ...rest })
  }
  if (attribute.length > 1) refuse(`it has ${attribute.length} values, expected one`)
  if (name === 'value' && t !== undefined) return t
  if (name === 'value_float') return make([], { floatData: [f] })
  if (name === 'value_floats') return make([BigInt(floats.length)], { floatData: floats })
  if (name === 'value_int') return make([], { int64Data: [i] })
  if (name === 'value_ints') return make([BigInt(ints.length)], { int64Data: ints })
  return refuse(`its ${name} is not understood`)
}
