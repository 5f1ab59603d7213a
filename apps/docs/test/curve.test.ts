import { expect, it } from 'vitest'
import { epsilons, nearest, verdictOf } from '../src/explorers/curve.ts'

const report = { passed: true, coordinates: 20, skipped: 0, failed: 0, tensors: [], problems: [] }

it('a checker that has tested nothing says so, and passes nothing', () => {
  expect(verdictOf({ ...report, skipped: 20, passed: false })).toMatch(/^Nothing was tested here: 20 coord/)
  // Even if a report calls it passed.
  expect(verdictOf({ ...report, skipped: 20 })).not.toMatch(/pass|✓/)
})

it('says of kinks that what is left was tested, and of what fails that it fails', () => {
  expect(verdictOf(report)).toMatch(/^✓ All gradients pass here: 20 coordinates, 0 skipped/)
  expect(verdictOf({ ...report, skipped: 3 })).toMatch(/^✓ All that was tested passes here: .* 3 skipped/)
  expect(verdictOf({ ...report, failed: 2, passed: false })).toMatch(/^✗ .* 2 failed/)
  const partly = { ...report, skipped: 4, passed: false, problems: ['db: nothing tested'] }
  expect(verdictOf(partly)).toMatch(/^Not everything was tested here: .* db: nothing tested/)
})

it('finds the step that is nearest to a number, within what there is', () => {
  expect(epsilons[nearest(1e-6)]).toBeCloseTo(1e-6, 12)
  expect(epsilons[nearest(1)]).toBe(1)
  expect(nearest(1e-40)).toBe(0)
  expect(nearest(100)).toBe(39)
})
