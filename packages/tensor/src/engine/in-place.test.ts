import { describe, expect, test } from 'vitest'
import { ALL, at, compiler, image, LOOP, SAMPLES } from '../../test/lists.ts'
import type { Compiler } from './compiler.ts'
import { type Linked, link, type Routes } from './link.ts'
import type { Value } from './value.ts'
import type { WrittenCall } from './written.ts'

/** Whether two values lie in one place. */
const isOne = (linked: Linked, a: Value, b: Value): boolean =>
  JSON.stringify(at(linked, a)) === JSON.stringify(at(linked, b))

describe('in place', () => {
  /** y where x lies, if it may: x is read before, and `then` is what comes behind. */
  function setting(
    then: (c: Compiler, x: Value, y: Value) => void,
    routes = ALL,
    read: (x: Value, c: Compiler) => Value = (x) => x,
  ) {
    const c = compiler()
    const x = read(image(c), c)
    c.call('make', x.ref)
    c.call('read', x.ref)
    const y = c.inPlaceOf(x)
    c.call('work', x.ref, y.ref)
    then(c, x, y)
    return isOne(link(c, routes), x, y)
  }

  test('where nobody reads the source afterwards', () => {
    expect(setting((c, _, y) => c.call('next', y.ref))).toBe(true)
  })

  test('not where a call behind it does', () => {
    expect(setting((c, x) => c.call('next', x.ref))).toBe(false)
    expect(
      setting((c, x, y) => {
        c.call('next', y.ref)
        c.call('last', x.ref)
      }),
    ).toBe(false)
  })

  test('not where what is run once does', () => {
    const once = (x: Value): WrittenCall => ({ kernel: 'once', args: [x.ref] })
    expect(setting((c, x) => c.endPhase(once(x)))).toBe(false)
    expect(setting((c, _, y) => c.endPhase(once(y)))).toBe(true)
  })

  test.each(['with', 'without'])('not where another list does that a route goes through: %s', (list) => {
    const back = (reads: boolean) =>
      setting((c, x) => {
        c.list('with')
        if (list === 'with' && reads) c.call('back', x.ref)
        c.list('without')
        if (list === 'without' && reads) c.call('back', x.ref)
      }, LOOP)
    expect(back(true)).toBe(false)
    expect(back(false)).toBe(true)
  })

  test('a list that no route goes through does not count', () => {
    const then = (c: Compiler, x: Value): void => {
      c.list('with')
      c.call('back', x.ref)
    }
    expect(setting(then, ALL)).toBe(true)
    expect(setting(then, [[['with']], [['forward']]])).toBe(true)
    expect(setting(then, [[['forward', 'with']]])).toBe(false)
  })

  test('not where the source is of an earlier stretch: the way back may be run twice', () => {
    const c = compiler()
    const x = image(c)
    c.call('make', x.ref)
    c.list('with')
    const y = c.inPlaceOf(x)
    c.call('work', x.ref, y.ref)
    const joined = (routes: Routes): boolean => isOne(link(c, routes), x, y)
    expect(joined([[['forward'], ['with']]])).toBe(false)
    expect(joined([[['forward', 'with']]])).toBe(true)
  })

  test('not where the caller holds the source, or it is smaller', () => {
    const held = setting(
      () => {},
      ALL,
      (x, c) => ({ ...x, ref: c.take('batch', 16) }),
    )
    expect(held).toBe(false)
    const c = compiler()
    const [small, large] = [image(c), image(c, 2)]
    c.lists.get('forward')!.push({ kind: 'in place', from: small.ref.buffer, into: large.ref.buffer })
    c.call('work', small.ref, large.ref)
    expect(isOne(link(c, ALL), small, large)).toBe(false)
  })

  test('one behind the other lie where the first lies, as long as nobody reads those before', () => {
    const chain = (reads: (x: Value, y: Value, z: Value) => Value[]): boolean[] => {
      const c = compiler()
      const x = image(c)
      c.call('make', x.ref)
      const y = c.inPlaceOf(x)
      c.call('work', x.ref, y.ref)
      const z = c.inPlaceOf(y)
      c.call('work', y.ref, z.ref)
      for (const value of reads(x, y, z)) c.call('next', value.ref)
      const linked = link(c, ALL)
      return [isOne(linked, x, y), isOne(linked, y, z), isOne(linked, x, z)]
    }
    expect(chain((_x, _y, z) => [z])).toEqual([true, true, true])
    // y lies where x does: who reads y reads there.
    expect(chain((_x, y) => [y])).toEqual([true, false, false])
    expect(chain((x) => [x])).toEqual([false, true, false])
  })

  test('of two that would work in place of one, the last one does', () => {
    const c = compiler()
    const x = image(c)
    c.call('make', x.ref)
    const y = c.inPlaceOf(x)
    c.call('work', x.ref, y.ref)
    const z = c.inPlaceOf(x)
    c.call('work', x.ref, z.ref)
    c.call('next', y.ref, z.ref)
    const linked = link(c, ALL)
    expect([isOne(linked, x, y), isOne(linked, x, z)]).toEqual([false, true])
  })

  test('what is kept is kept under both names', () => {
    const c = compiler()
    const x = image(c)
    c.call('make', x.ref)
    const y = c.inPlaceOf(x)
    c.call('work', x.ref, y.ref)
    c.endPhase()
    c.call('next', y.ref)
    const linked = link(c, ALL)
    expect(at(linked, x)).toMatchObject({ space: 'fixed', stride: 16 })
    expect(at(linked, y)).toEqual(at(linked, x))
    expect(linked.kept).toBe(16 * SAMPLES)
  })
})
