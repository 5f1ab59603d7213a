import { describe, expect, it } from 'vitest'
import { dotsOf } from '../src/lib/dots.ts'

const one = (label: string, low: number, median: number, high: number) => ({
  label,
  ours: label === 'ours',
  low,
  median,
  high,
})

describe('rates in a chart', () => {
  const { rows, ticks } = dotsOf([
    one('slow', 20, 30, 40),
    one('ours', 2000, 3000, 5000),
    one('peer', 100, 100, 1000),
  ])

  it('are in order, the fastest first', () => {
    expect(rows.map(({ label }) => label)).toEqual(['ours', 'peer', 'slow'])
    expect(rows.map(({ ours }) => ours)).toEqual([true, false, false])
  })

  it('have an axis of powers of ten that holds them all', () => {
    expect(ticks.map(({ value }) => value)).toEqual([10, 100, 1000, 10_000])
    expect(ticks.map(({ at }) => at)).toEqual([0, 1 / 3, 2 / 3, 1])
  })

  it('are placed by their logarithm, with the ends of their line', () => {
    const [ours, peer, slow] = rows
    expect(ours.at).toBeCloseTo((Math.log10(3000) - 1) / 3, 12)
    expect([peer.from, peer.at]).toEqual([1 / 3, 1 / 3])
    expect(peer.to).toBeCloseTo(2 / 3, 12)
    expect(slow.from).toBeCloseTo((Math.log10(20) - 1) / 3, 12)
    expect(slow.to).toBeCloseTo((Math.log10(40) - 1) / 3, 12)
  })

  it('that are all alike still have an axis', () => {
    const same = dotsOf([one('ours', 10, 10, 10)])
    expect(same.ticks.map(({ value }) => value)).toEqual([10, 100])
    expect(same.rows[0].at).toBe(0)
    expect(dotsOf([one('ours', 99, 100, 100)]).ticks.map(({ value }) => value)).toEqual([10, 100])
  })

  it.each([0, -1, Number.NaN, Infinity])('%d is no rate', (rate) => {
    expect(() => dotsOf([one('ours', rate, 5, 6)])).toThrow(`a rate is ${rate}, expected a number above 0`)
  })
})
