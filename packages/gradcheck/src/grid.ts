import type { ModuleCase } from './spec.ts'
import { coinciding } from './vacuity.ts'

/** Every combination of one value per key, the last key varying fastest. */
export function combinations<T extends Readonly<Record<string, readonly unknown[]>>>(
  values: T,
): { [K in keyof T]: T[K][number] }[] {
  let rows: Record<string, unknown>[] = [{}]
  for (const [key, options] of Object.entries(values)) {
    rows = rows.flatMap((row) => options.map((option) => ({ ...row, [key]: option })))
  }
  return rows as { [K in keyof T]: T[K][number] }[]
}

/** Cases with the shapes of PyTorch's own tests: where extents coincide there, they say so. */
export function fromTorch(cases: readonly ModuleCase[]): ModuleCase[] {
  return cases.map((item) =>
    coinciding(item.inputs, undefined) === null
      ? item
      : { ...item, equalExtents: "the shape is that of PyTorch's own test" },
  )
}
