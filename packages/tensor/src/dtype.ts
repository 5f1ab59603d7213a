/** The element types of a {@link Tensor}. Gradients exist for the two floating-point ones. */
export type DType = 'float32' | 'float64' | 'int32' | 'int64' | 'uint8'

/** The element types that layers compute in. */
export type FloatDType = 'float32' | 'float64'

/** The element types that class indices come in. */
export type IntDType = 'int32' | 'int64' | 'uint8'

interface ArrayOf {
  float32: Float32Array
  float64: Float64Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
}

/** The typed array that holds a tensor of element type `D`. */
export type DataOf<D extends DType> = ArrayOf[D]

/** Either floating-point array: what kernels read and write. */
export type FloatArray = Float32Array | Float64Array

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
} as const

/** All element types, in the order of {@link DType}. */
export const dtypes: readonly DType[] = Object.keys(constructors) as DType[]

/**
 * A new array of `length` zeros for element type `dtype`.
 * @throws TypeError for a dtype that there is not; RangeError for more elements than memory can hold.
 */
export function allocate<D extends DType>(dtype: D, length: number): DataOf<D> {
  if (!Object.hasOwn(constructors, dtype)) {
    throw new TypeError(`dtype ${dtype} is not one of ${dtypes.join(', ')}`)
  }
  try {
    return new constructors[dtype](length) as DataOf<D>
  } catch (cause) {
    throw new RangeError(`${length} elements of ${dtype} are more than memory can hold`, { cause })
  }
}

const typedArray: object = Object.getPrototypeOf(Uint8Array.prototype)
const tag = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)!

/** `'Float32Array'`: the class of a typed array, of whatever realm; undefined for any other value. */
export function arrayKind(data: unknown): string | undefined {
  return tag.get!.call(data) as string | undefined
}

const byKind = new Map<string | undefined, DType>(dtypes.map((dtype) => [constructors[dtype].name, dtype]))

/** The element type that a typed array holds, or undefined for any other value. */
export function dtypeOf(data: unknown): DType | undefined {
  return byKind.get(arrayKind(data))
}

/** True for the element types that layers compute in. */
export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === 'float32' || dtype === 'float64'
}
