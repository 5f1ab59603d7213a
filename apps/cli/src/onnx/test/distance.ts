import type { Tensor } from '@handgrad/tensor'
import { expect } from 'vitest'

/** The largest |a − b| / (1 + |b|); equal infinities are no distance, NaN is one. */
export function distance(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape)
  const distances = Array.from(b.data, (value, i) =>
    Object.is(a.data[i], value) ? 0 : Math.abs(a.data[i] - value) / (1 + Math.abs(value)),
  )
  return Math.max(0, ...distances)
}
