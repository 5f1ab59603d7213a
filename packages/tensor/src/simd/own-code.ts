/**
 * Whether a subclass, or the object itself, has overridden one of `formulas` and not the `compile` that writes them down
 * as kernels: a kernel belongs to the code that it was written for, so that the new code must run then.
 */
export function overridesKernel(object: object, formulas: readonly string[]): boolean {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.hasOwn(at, 'compile')) return false
    for (const name of formulas) if (Object.hasOwn(at, name)) return true
  }
  return false
}
