import { defaultGenerator, type FloatDType } from '@handgrad/tensor'

interface Made {
  namedParameters?(): Iterable<unknown>
}

/**
 * A layer in a precision. One without parameters follows its input and has no option `dtype`; which it is, only the layer
 * knows, so that it is made first, and what it draws is drawn again.
 */
export function inPrecision<T extends Made>(
  make: (options: Readonly<Record<string, unknown>>) => T,
  options: Readonly<Record<string, unknown>>,
  dtype: FloatDType,
): T {
  const state = defaultGenerator.getState()
  const layer = make(options)
  if (dtype === 'float32' || [...(layer.namedParameters?.() ?? [])].length === 0) return layer
  defaultGenerator.setState(state)
  return make({ ...options, dtype })
}
