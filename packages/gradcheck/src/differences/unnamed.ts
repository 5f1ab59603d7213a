import { type DType, isFloat, Tensor } from '@handgrad/tensor'

/** How deep objects are searched: a layer's parts and their parts. */
const DEEPEST = 6

/** Every tensor that can be reached through the own properties of an object, by its path. */
function tensorsIn(root: object): Map<Tensor<DType>, string> {
  const [found, seen] = [new Map<Tensor<DType>, string>(), new Set<object>()]
  const visit = (value: unknown, path: string, depth: number): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (value instanceof Tensor) {
      found.set(value, path)
      return
    }
    if (ArrayBuffer.isView(value) || depth === DEEPEST) return
    const entries = value instanceof Map ? value : Object.entries(Object.getOwnPropertyDescriptors(value))
    for (const [name, entry] of entries) {
      const inner: unknown = value instanceof Map ? entry : (entry as PropertyDescriptor).value
      visit(inner, path === '' ? String(name) : `${path}.${String(name)}`, depth + 1)
    }
  }
  visit(root, '', 0)
  return found
}

/** Whether the output is another one when the tensor is. */
function takesPart(t: Tensor, forward: () => Tensor, y: Tensor): boolean {
  const kept = t.data.slice()
  for (let i = 0; i < t.data.length; i++) t.data[i] = 1.5 * kept[i] + 0.25
  try {
    const other = forward()
    return other.data.some((value, i) => !Object.is(value, y.data[i]))
  } catch {
    return true
  } finally {
    t.data.set(kept)
  }
}

/**
 * The tensors that a layer keeps in its properties and computes with, though it does not name them: nobody differentiates
 * or trains them. `forward` makes a pass on the same inputs each time, and gives `y` unless something is changed.
 */
export function unnamedTensors(
  layer: object,
  named: readonly Tensor<DType>[],
  forward: () => Tensor,
  y: Tensor,
): string[] {
  // A named tensor in another shape shares its data.
  const known = new Set(named.map(({ data }) => data))
  return [...tensorsIn(layer)]
    .filter(([t]) => isFloat(t.dtype) && !known.has(t.data) && takesPart(t as Tensor, forward, y))
    .map(
      ([, path]) =>
        `${path}: forward() depends on it, and neither namedParameters() nor namedBuffers() names it: nothing checks its gradient`,
    )
}
