import { describe, expect, test } from 'vitest'
import { ALL, at, bodies, compiler, image, LOOP, names, SAMPLES } from '../../test/lists.ts'
import { Compiler } from './compiler.ts'
import { link, type Routes } from './link.ts'
import type { Place } from './program.ts'
import type { Kind, Ref } from './value.ts'

describe('what only one phase uses is scratch, and what crosses is kept for each sample', () => {
  test('in one list that is cut', () => {
    const c = compiler()
    const [a, b, other] = [image(c), image(c, 3), image(c)]
    c.call('first', a.ref, b.ref)
    c.call('second', a.ref)
    c.endPhase()
    c.call('third', b.ref, other.ref)
    const linked = link(c, ALL)
    expect(at(linked, a)).toMatchObject({ space: 'scratch', stride: 0 })
    expect(at(linked, other)).toMatchObject({ space: 'scratch', stride: 0 })
    expect(at(linked, b)).toMatchObject({ space: 'fixed', stride: 48 })
    expect(linked.kept).toBe(48 * SAMPLES)
    expect(bodies(linked)).toEqual([['first', 'second'], ['third']])
  })

  test('without a cut nothing is kept', () => {
    const c = compiler()
    const a = image(c)
    c.call('first', a.ref)
    c.call('second', a.ref)
    const linked = link(c, ALL)
    expect(at(linked, a).space).toBe('scratch')
    expect(linked.kept).toBe(0)
  })

  test('on any route, from one stretch to another', () => {
    const c = compiler()
    const [a, b, own] = [image(c), image(c), image(c)]
    c.call('first', a.ref, b.ref)
    c.list('with')
    c.call('back', own.ref)
    c.list('without')
    c.call('back', b.ref)
    c.call('again', own.ref)
    const linked = link(c, LOOP)
    expect([a, b, own].map((value) => at(linked, value).space)).toEqual(['scratch', 'fixed', 'scratch'])
    expect(linked.kept).toBe(16 * SAMPLES)
  })

  test('but not between two ways that are not one', () => {
    const c = compiler()
    const a = image(c)
    c.list('with')
    c.call('back', a.ref)
    c.list('without')
    c.call('back', a.ref)
    expect(at(link(c, LOOP), a).space).toBe('scratch')
    const together = link(c, [[['with', 'without']]])
    expect(at(together, a).space).toBe('scratch')
    expect(at(link(c, [[['with'], ['without']]]), a).space).toBe('fixed')
  })

  test('what is run once when a phase has ended finds all samples', () => {
    const c = compiler()
    const a = image(c)
    c.call('first', a.ref)
    c.endPhase({ kernel: 'once', args: [a.ref] })
    const linked = link(c, ALL)
    expect(at(linked, a)).toMatchObject({ space: 'fixed', stride: 16 })
    expect(names(linked.program.phases[0].end)).toEqual(['once'])
  })
})

describe('every place is its own', () => {
  const kinds: Kind[] = ['fixed', 'batch', 'sample', 'thread', 'slot', 'sum']

  test('with room behind it for a vector that is read beyond its end, and nothing at 0', () => {
    const c = compiler()
    const refs: Ref[] = []
    for (const kind of ['fixed', 'batch', 'sample', 'thread', 'fixed', 'batch', 'sample', 'thread'] as const)
      refs.push(c.take(kind, 52))
    const partials = [c.partial(20), c.partial(36)]
    refs.push(...partials.flatMap(({ slot, sum }) => [slot, sum]))
    const crossing = c.take('sample', 52)
    refs.push(crossing)
    c.call('all', ...refs)
    c.endPhase()
    c.call('again', crossing)
    const { program, placeOf } = link(c, ALL)
    const bytesOf = ({ buffer: { kind, bytes } }: Ref): number => {
      return kind === 'batch' || kind === 'sample' ? bytes * SAMPLES : bytes
    }
    const used = refs.map((ref) => {
      const { space, offset } = placeOf(ref.buffer)
      const isScratch = ref.buffer.kind === 'sample' && space === 'scratch'
      return { space, from: offset, to: offset + 64 + (isScratch ? 2 * 52 : bytesOf(ref)) }
    })
    for (const [i, one] of used.entries()) {
      expect(one.from).toBeGreaterThanOrEqual(64)
      expect(one.from % 64).toBe(0)
      expect(one.to).toBeLessThanOrEqual(program.bytes[one.space])
      for (const other of used.slice(0, i))
        if (other.space === one.space) expect(other.to <= one.from || one.to <= other.from).toBe(true)
    }
    const spaces = kinds.map((kind) => placeOf(refs.find(({ buffer }) => buffer.kind === kind)!.buffer).space)
    expect(spaces).toEqual(['fixed', 'fixed', 'scratch', 'scratch', 'slot', 'fixed'])
    const strides = kinds.map(
      (kind) => placeOf(refs.find(({ buffer }) => buffer.kind === kind)!.buffer).stride,
    )
    expect(strides).toEqual([0, 52, 0, 0, 0, 0])
  })

  test('an address inside a buffer is so far behind its start', () => {
    const c = compiler()
    const inside = c.image(4, 2, 3, { border: 1 })
    c.call('border', inside.ref)
    const { program, placeOf } = link(c, ALL)
    const [{ args }] = program.phases[0].body
    // A row of 5 cells of 16 bytes, and one cell.
    expect(args).toEqual([{ ...placeOf(inside.ref.buffer), offset: placeOf(inside.ref.buffer).offset + 96 }])
  })
})

describe('what is filled from the batch', () => {
  const FILL = 'tensor/image_in'

  test('is filled again in each later phase that reads it, in order, and not kept', () => {
    const c = compiler()
    const [a, b] = [c.input(4, 1, 1, {}, 2), c.input(4, 1, 1, {}, 2)]
    c.call('first', a.value.ref, b.value.ref)
    c.endPhase()
    c.call('second')
    c.endPhase()
    c.call('third', b.value.ref, a.value.ref)
    c.endPhase()
    c.call('fourth', b.value.ref)
    const linked = link(c, ALL)
    expect(bodies(linked)).toEqual([
      [FILL, FILL, 'first'],
      ['second'],
      [FILL, FILL, 'third'],
      [FILL, 'fourth'],
    ])
    const [first, , third, fourth] = linked.program.phases.map(({ body }) => body)
    expect(third.slice(0, 2)).toEqual(first.slice(0, 2))
    expect(fourth[0]).toEqual(first[1])
    expect([a, b].map(({ value }) => at(linked, value).space)).toEqual(['scratch', 'scratch'])
    expect(linked.kept).toBe(0)
  })

  test('in each way back once, though two routes go through the same forward', () => {
    const c = compiler()
    const { value } = c.input(4, 1, 1, {}, 2)
    c.call('first', value.ref)
    for (const list of ['with', 'without']) {
      c.list(list)
      c.call(list, value.ref)
    }
    const three: Routes = [...LOOP, [['forward'], ['with'], ['without']]]
    for (const routes of [LOOP, three])
      expect(bodies(link(c, routes))).toEqual([
        [FILL, 'first'],
        [FILL, 'with'],
        [FILL, 'without'],
      ])
  })

  test('is kept where something is written in its place', () => {
    const c = compiler()
    const { value: x } = c.input(4, 1, 1, {}, 2)
    const y = c.inPlaceOf(x)
    c.call('work', x.ref, y.ref)
    c.endPhase()
    c.call('next', y.ref)
    const linked = link(c, ALL)
    expect(at(linked, y)).toEqual(at(linked, x))
    expect(linked.kept).toBe(16 * SAMPLES)
    expect(bodies(linked)).toEqual([[FILL, 'work'], ['next']])
  })

  test('is kept where what is run once a batch reads it', () => {
    const c = compiler()
    const { value: x } = c.input(4, 1, 1, {}, 2)
    c.endPhase({ kernel: 'once', args: [x.ref] })
    c.call('next', x.ref)
    const linked = link(c, ALL)
    expect(linked.kept).toBe(16 * SAMPLES)
    expect(bodies(linked)).toEqual([[FILL], ['next']])
  })
})

describe('slots', () => {
  const CLEAR = 'tensor/clear'
  const REDUCE = 'tensor/reduce_slots'

  test('that lie side by side are cleared and added up together, only those of the phase', () => {
    const c = compiler()
    // 16, 64 and 80 bytes, which lie 128, 128 and 192 apart.
    const [a, b, d] = [c.partial(16), c.partial(64), c.partial(80)]
    c.call('first', a.slot, b.slot)
    c.endPhase()
    c.call('second', d.slot, a.slot)
    c.endPhase()
    c.call('third')
    const { program, placeOf } = link(c, ALL)
    const [first, second, third] = program.phases
    const slot = (offset: number): Place => ({ space: 'slot', offset, stride: 0 })
    const sum = (one: { sum: Ref }): Place => placeOf(one.sum.buffer)
    expect([a, b, d].map((one) => placeOf(one.slot.buffer))).toEqual([slot(64), slot(192), slot(320)])
    expect(program.bytes.slot).toBe(512)
    expect([program.samples, program.micro, program.shards]).toEqual([SAMPLES, 2, SAMPLES])
    expect(first.begin).toEqual([{ kernel: CLEAR, args: [slot(64), 1, 256] }])
    expect(first.end).toEqual([{ kernel: REDUCE, args: [sum(a), slot(64), 512, SAMPLES, 64] }])
    expect(second.begin).toEqual([
      { kernel: CLEAR, args: [slot(64), 1, 128] },
      { kernel: CLEAR, args: [slot(320), 1, 192] },
    ])
    expect(second.end).toEqual([
      { kernel: REDUCE, args: [sum(a), slot(64), 512, SAMPLES, 32] },
      { kernel: REDUCE, args: [sum(d), slot(320), 512, SAMPLES, 48] },
    ])
    expect([third.begin, third.end]).toEqual([[], []])
    // The sums lie as the slots do.
    expect(sum(b).offset - sum(a).offset).toBe(128)
    expect(sum(d).offset - sum(b).offset).toBe(128)
    expect(sum(a)).toMatchObject({ space: 'fixed', stride: 0 })
  })

  test('of large ones there are fewer', () => {
    const c = new Compiler(40, 2, true)
    const { slot } = c.partial((1 << 17) + 16)
    c.call('first', slot)
    const { program } = link(c, ALL)
    expect(program.shards).toBe(3)
    expect(program.phases[0].end[0].args.slice(2, 4)).toEqual([program.bytes.slot, 3])
  })
})

describe('routes', () => {
  test('that go through the same stretch share it', () => {
    const c = compiler()
    c.call('first')
    c.endPhase()
    c.call('second')
    for (const list of ['with', 'without']) {
      c.list(list)
      c.call(list)
    }
    const linked = link(c, LOOP)
    expect([...linked.stretches]).toEqual([
      ['forward', [0, 2]],
      ['with', [2, 3]],
      ['without', [3, 4]],
    ])
    expect(bodies(linked)).toEqual([['first'], ['second'], ['with'], ['without']])
  })

  test('lists of one stretch are one phase', () => {
    const c = compiler()
    const a = image(c)
    c.call('first', a.ref)
    c.list('with')
    c.call('back', a.ref)
    const linked = link(c, [[['forward', 'with']], [['forward']]])
    expect([...linked.stretches]).toEqual([
      ['forward+with', [0, 1]],
      ['forward', [1, 2]],
    ])
    expect(bodies(linked)).toEqual([['first', 'back'], ['first']])
    expect(linked.kept).toBe(0)
  })
})
