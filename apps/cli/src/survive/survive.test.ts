import { expect, onTestFinished, test } from 'vitest'
import { disturbed, everyFault, everyRefusal, newPlace } from './kills.ts'
import { fuzzParsers } from './parsers.ts'
import { Tally } from './tally.ts'

/** A tally of which every failure is kept in words. */
function newTally(): { tally: Tally; problems: string[] } {
  const problems: string[] = []
  return { tally: new Tally((line) => problems.push(line)), problems }
}

// The short form of `pnpm test:survive`.
test('runs that are killed in the middle of a save, and between two, end as one that never was', {
  timeout: 300_000,
}, async () => {
  const place = await newPlace('once')
  onTestFinished(() => place.remove())
  const faults = everyFault(place)
  expect(faults.length).toBeGreaterThan(200)
  const middle = place.steps.flatMap((what, i) => (what === 'write' ? [i + 1] : [])).at(-9)
  const { tally, problems } = newTally()
  const rename = place.steps.findLastIndex((what, i) => what === 'rename' && place.steps[i - 1] === 'rename')
  // Half of a checkpoint of the second epoch; then between the two renames of the one that follows.
  await disturbed(place, [{ fault: `${middle} half kill` }, { fault: '40 before kill' }], tally)
  await disturbed(place, [{ fault: `${rename + 1} before kill` }], tally)
  // A disk that is full for the same half: the run tells, and goes on.
  expect(everyRefusal(place)).toContain(`${middle} half ENOSPC`)
  await disturbed(place, [{ fault: `${middle} half ENOSPC` }], tally)
  expect(problems).toEqual([])
  expect([tally.passed, tally.failed, tally.kills]).toEqual([3, 0, 3])
})

test('malformed input is read or refused, by every parser', { timeout: 300_000 }, async () => {
  const { tally, problems } = newTally()
  const lines: string[] = []
  await fuzzParsers(400, 7, tally, (line) => lines.push(line))
  expect(problems).toEqual([])
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'IDX',
    'safetensors',
    'checkpoint',
    'config',
    'ONNX',
    'bundle',
    'image',
  ])
  for (const line of lines) expect(line).toMatch(/: 400 inputs, [1-9]\d* refused; /)
})
