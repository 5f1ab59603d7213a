import { describe, expect, test } from 'vitest'
import { ALL, compiler, names } from '../../test/lists.ts'
import { tensor } from '../create.ts'
import type { Tensor } from '../tensor.ts'
import { link } from './link.ts'
import { type Ref, startOf } from './value.ts'

describe('parameters and gradients', () => {
  const weight = (): Tensor => tensor([1, 2, 3, 4], [2, 2])
  const ORDER = Int32Array.of(0, 1, 2, 3)
  const TURNED = Int32Array.of(0, 2, 1, 3)

  test('a gradient is gathered into torch’s order when its slots are added up, before what follows', () => {
    const c = compiler()
    const [w, v] = [weight(), weight()]
    c.call('back', c.gradient(w, 4, TURNED), c.gradient(v, 4, ORDER))
    c.endPhase({ kernel: 'once', args: [] })
    c.call('next')
    const { program, placeOf } = link(c, ALL)
    const [turned, plain] = c.gradients
    expect(plain.gathered).toBe(null)
    const { to, map, length } = turned.gathered!
    expect(length).toBe(4)
    expect(c.tables.find(({ buffer }) => buffer === map.buffer)!.values).toEqual(TURNED)
    expect(names(program.phases[0].end)).toEqual(['tensor/reduce_slots', 'tensor/gather', 'once'])
    expect(program.phases[0].end[1].args).toEqual([
      placeOf(to),
      placeOf(c.sums.get(turned.slot)!),
      placeOf(map.buffer),
      4,
    ])
    expect(program.phases[1].end).toEqual([])
  })

  test('the same parameter in the same layout is packed once', () => {
    const c = compiler()
    const [w, v] = [weight(), weight()]
    const refs = [
      c.parameter(w, TURNED),
      c.parameter(w, Int32Array.from(TURNED)),
      c.parameter(w, Int32Array.of(0, 2, 1, -1)),
      c.parameter(w, TURNED.subarray(0, 3)),
      c.parameter(v, TURNED),
      c.parameter(w, ORDER),
      c.parameter(w, ORDER),
      c.parameter(v, TURNED.subarray(1, 3)),
      c.parameter(v, TURNED.subarray(1, 4)),
    ]
    const index = new Map([...new Set(refs.map(({ buffer }) => buffer))].map((buffer, i) => [buffer, i]))
    expect(refs.map(({ buffer }) => index.get(buffer))).toEqual([0, 0, 1, 2, 3, 4, 4, 5, 6])
    expect(c.parameters.map((one) => one.tensor)).toEqual([w, v])
    // In torch's order it is the parameter itself.
    expect(refs[5].buffer).toBe(c.parameters[0].buffer)
    const { program, placeOf } = link(c, ALL)
    expect(names(program.prepare)).toEqual(Array(6).fill('tensor/gather'))
    const [raw, other] = c.parameters.map(({ buffer }) => placeOf(buffer))
    expect(program.prepare.map(({ args }) => [args[0], args[1], args[3]])).toEqual([
      [placeOf(refs[0].buffer), raw, 4],
      [placeOf(refs[2].buffer), raw, 4],
      [placeOf(refs[3].buffer), raw, 3],
      [placeOf(refs[4].buffer), other, 4],
      [placeOf(refs[7].buffer), other, 2],
      [placeOf(refs[8].buffer), other, 3],
    ])
  })

  test('a gradient that a list asks for twice has two slots, the same ones in every list', () => {
    const c = compiler()
    const [w, v] = [weight(), weight()]
    const ask = (): Ref[] => [c.gradient(w, 4, ORDER), c.gradient(v, 4, ORDER), c.gradient(w, 4, ORDER)]
    c.list('with')
    const first = ask()
    expect(new Set(first.map(({ buffer }) => buffer)).size).toBe(3)
    c.list('without')
    expect(ask()).toEqual(first)
    expect(c.gradient(w, 4, ORDER).buffer).not.toBe(first[0].buffer)
    expect(c.gradients.map((one) => one.tensor)).toEqual([w, v, w, w])
  })

  test('there is room for all of it: parameters as they are and packed, tables, slots and what is gathered', () => {
    const c = compiler()
    const w: Tensor = tensor([1, 2, 3, 4, 5], [5])
    const map = Int32Array.of(4, -1, 3, 2, 1, 0, -1)
    const packed = c.parameter(w, map)
    expect(packed.buffer.bytes).toBe(28)
    expect(c.parameters.map(({ buffer }) => buffer.bytes)).toEqual([20])
    c.gradient(w, 7, Int32Array.of(5, 4, 3, 2, 0))
    const [{ slot, gathered }] = c.gradients
    expect([slot.bytes, c.sums.get(slot)!.bytes, gathered!.to.bytes]).toEqual([32, 32, 20])
    expect(c.tables.map(({ buffer, values }) => [buffer.bytes, values.length])).toEqual([
      [28, 7],
      [20, 5],
    ])
    const image = c.image(3, 2, 5, { border: 1, align: 4 })
    expect([image.cell, image.row, image.image, image.ref.offset]).toEqual([16, 112, 448, 128])
    expect(image.ref.buffer.bytes).toBe(448)
    const copy = c.like(image)
    expect({ ...copy, ref: null }).toEqual({ ...image, ref: null })
    expect(copy.ref.buffer).not.toBe(image.ref.buffer)
  })
})

describe('the border of an image', () => {
  test('has as many rows as cells, unless told', () => {
    const c = compiler()
    const even = c.image(4, 3, 5, { border: 2 })
    expect(even).toMatchObject({ border: 2, above: 2, cell: 16, row: 9 * 16, image: 7 * 9 * 16, rank: 4 })
    expect(even.ref.offset).toBe(2 * 9 * 16 + 2 * 16)
    expect(startOf(even).offset).toBe(0)
    const flat = c.image(4, 1, 5, { border: 2, above: 0 }, 3)
    expect(flat).toMatchObject({ border: 2, above: 0, cell: 16, row: 9 * 16, image: 9 * 16, rank: 3 })
    expect(flat.ref.offset).toBe(2 * 16)
    expect(startOf(flat).offset).toBe(0)
    const high = c.image(4, 3, 5, { above: 1 })
    expect(high).toMatchObject({ border: 0, above: 1, row: 5 * 16, image: 5 * 5 * 16 })
    expect(high.ref.offset).toBe(5 * 16)
    const { ref, ...laid } = flat
    const { ref: own, ...again } = c.like(flat)
    expect(again).toEqual(laid)
    expect(own.offset).toBe(ref.offset)
  })

  test('fits where it is wide enough on each axis', () => {
    const c = compiler()
    const x = c.image(4, 3, 5, { border: 2, above: 1 })
    expect(c.fit(x, { border: 2, above: 1 })).toBe(x)
    expect(c.fit(x, { border: 1, above: 0 })).toBe(x)
    expect(c.fit(x, { border: 1 })).toBe(x)
    expect(c.fit(x, { border: 2 })).toMatchObject({ border: 2, above: 2 })
    expect(c.fit(x, { border: 3, above: 1 })).toMatchObject({ border: 3, above: 1 })
    expect(c.fit(x, { border: 0, above: 2 })).toMatchObject({ border: 0, above: 2 })
    expect(c.fit(x, { cell: 32, border: 0 })).toMatchObject({ cell: 32, border: 0, above: 0 })
  })

  test('fits exactly where the rows are given', () => {
    const c = compiler()
    const x = c.image(4, 3, 5, { border: 2, above: 1 }, 3)
    expect(c.fit(x, x)).toBe(x)
    expect(c.fit(x, c.like(x))).toBe(x)
    const lower = c.fit(x, { border: 2, above: 0, row: x.row })
    expect(lower).toMatchObject({ border: 2, above: 0, row: x.row, rank: 3 })
    expect(c.fit(x, { border: 0, row: 5 * 16 })).toMatchObject({ border: 0, above: 0, row: 5 * 16 })
  })
})
