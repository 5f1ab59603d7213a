import { describe, expect, test } from 'vitest'
import { Tape } from './tape.ts'
import type { Value } from './value.ts'

/** A value that is known by its name alone. */
const value = (name: string): Value => ({ name }) as unknown as Value
const nameOf = (one: Value | null): string | null => one && (one as unknown as { name: string }).name

/** Steps by what they read and give; `back` gives each reader's gradient a name, and the log says what was asked. */
function setting() {
  const tape = new Tape()
  const log: string[] = []
  const add = (from: Value[], to: Value, trains = false): void =>
    tape.add({
      from,
      to,
      trains,
      back: (dy) => {
        log.push(`${nameOf(to)} from ${nameOf(dy)}`)
        return from.map((one, i) => (tape.wants(one) ? value(`d${nameOf(one)}${i} of ${nameOf(to)}`) : null))
      },
    })
  const sum = (gradients: readonly Value[]): Value => value(`(${gradients.map(nameOf).join(' + ')})`)
  const back = (to: Value, input: Value, inputGrad = true): string | null =>
    nameOf(tape.return({ to, dy: value('dy'), input, inputGrad }, sum, (gradient) => gradient))
  return { add, back, log, tape }
}

const [x, a, b, c, y] = ['x', 'a', 'b', 'c', 'y'].map(value)

describe('the way back', () => {
  test('goes through a chain in reverse', () => {
    const { add, back, log } = setting()
    add([x], a)
    add([a], y)
    expect(back(y, x)).toBe('dx0 of a')
    expect(log).toEqual(['y from dy', 'a from da0 of y'])
  })

  test('adds the gradients of several readers, in their order', () => {
    const { add, back } = setting()
    add([x], a)
    add([x], b)
    add([x], c)
    add([c, a], y)
    add([y, b], value('z'))
    expect(back(y, x)).toBe('(dx0 of a + dx0 of c)')
    const all = setting()
    add([x], a)
    all.add([x], a)
    all.add([x], b)
    all.add([x], c)
    all.add([c, b, a], y)
    expect(all.back(y, x)).toBe('(dx0 of a + dx0 of b + dx0 of c)')
  })

  test('a step that reads a value twice counts as two readers, the first one first', () => {
    const { add, back } = setting()
    add([x, x], y)
    expect(back(y, x)).toBe('(dx0 of y + dx1 of y)')
  })

  test('waits for the gradients of all readers before it goes on', () => {
    const { add, back, log } = setting()
    add([x], a)
    add([a], b)
    add([a, b], y)
    expect(back(y, x)).toBe('dx0 of a')
    expect(log).toEqual(['y from dy', 'b from db1 of y', 'a from (da0 of b + da0 of y)'])
  })

  test('without the input’s gradient ends at the first step that trains', () => {
    const { add, back, log, tape } = setting()
    add([x], a)
    add([a], b, true)
    add([b], y)
    expect(back(y, x, false)).toBe(null)
    expect(log).toEqual(['y from dy', 'b from db0 of y'])
    expect([x, a, b, y].map((one) => tape.wants(one))).toEqual([false, false, true, true])
    log.length = 0
    expect(back(y, x)).toBe('dx0 of a')
    expect(log).toEqual(['y from dy', 'b from db0 of y', 'a from da0 of b'])
  })

  test('a value that another way leads to, and this one does not, gets none', () => {
    const { add, back, log } = setting()
    add([x], a, true)
    add([x], b, true)
    add([a], y)
    expect(back(y, x)).toBe('dx0 of a')
    expect(log).toEqual(['y from dy', 'a from da0 of y'])
    expect(back(y, c)).toBe(null)
  })

  test('what is given is the input itself', () => {
    const { back } = setting()
    expect(back(x, x)).toBe('dy')
    expect(back(x, x, false)).toBe(null)
  })
})
