import { afterEach, describe, expect, test, vi } from 'vitest'
import { fakeWorkers, smallProgram } from '../../test/engine.ts'
import { tensor } from '../create.ts'
import { Generator } from '../generator.ts'
import { blocksTaken, freeBlock, sharedMemory, takeBlock } from '../simd/memory.ts'
import { Compiler } from './compiler.ts'
import { link } from './link.ts'
import { Loaded } from './loaded.ts'
import { endPool } from './threads.ts'
import { COUNT, type Ref } from './value.ts'

const opened: Loaded[] = []
afterEach(() => {
  vi.restoreAllMocks()
  endPool('simd')
  for (const loaded of opened.splice(0)) loaded.free()
})

const SAMPLES = 3

/** A parameter of 2 elements, and random numbers of two layers for 3 samples: 1 and 2 each. */
function setting() {
  const c = new Compiler(SAMPLES, 2, true)
  const w = tensor([1, 2])
  const raw = c.parameter(w, Int32Array.of(0, 1))
  const turned = c.parameter(w, Int32Array.of(1, 0))
  const [a, b] = [new Generator(1), new Generator(2)]
  const layers = [
    { floats: 1, generator: a },
    { floats: 2, generator: b },
    { floats: 1, generator: a },
  ]
  const drawn: Ref[] = layers.map((layer) => {
    const ref = c.take('batch', layer.floats * 4)
    const draw = (): Float32Array => layer.generator.uniform(new Float32Array(layer.floats * SAMPLES))
    c.draws.push({ layer, buffer: ref.buffer, generator: layer.generator, draw })
    return ref
  })
  c.call('tensor/clear', c.take('thread', 16), COUNT, 16)
  const make = (): Loaded => {
    const loaded = new Loaded(c, link(c, [[['forward']]]), 'simd')
    opened.push(loaded)
    return loaded
  }
  const read = (loaded: Loaded) => ({
    raw: [...loaded.floats(raw.buffer, 2)],
    turned: [...loaded.floats(turned.buffer, 2)],
    drawn: drawn.map(({ buffer }, i) => [...loaded.floats(buffer, layers[i].floats * SAMPLES)]),
  })
  return { w, a, b, layers, make, read }
}

describe('what a batch is computed from', () => {
  test('parameters are those of the last readParameters, in the kernels’ layout from prepare on', () => {
    const { w, make, read } = setting()
    const loaded = make()
    expect(read(loaded)).toMatchObject({ raw: [0, 0], turned: [0, 0] })
    loaded.readParameters()
    w.data.set([3, 4])
    expect(read(loaded)).toMatchObject({ raw: [1, 2], turned: [0, 0] })
    loaded.prepare()
    expect(read(loaded)).toMatchObject({ raw: [1, 2], turned: [2, 1] })
    loaded.readParameters()
    loaded.prepare()
    expect(read(loaded)).toMatchObject({ raw: [3, 4], turned: [4, 3] })
  })

  test('random numbers are drawn layer by layer, for all samples, and can be taken back', () => {
    const { a, b, layers, make, read } = setting()
    const loaded = make()
    const before = [a.getState(), b.getState()]
    const undo = loaded.draw()
    const [c, d] = [new Generator(1), new Generator(2)]
    const uniform = (generator: Generator, length: number): number[] => [
      ...generator.uniform(new Float32Array(length)),
    ]
    const expected = [uniform(c, 3), uniform(d, 6), uniform(c, 3)]
    expect(read(loaded).drawn).toEqual(expected)
    expect([...loaded.drawn().keys()]).toEqual(layers)
    expect([...loaded.drawn().values()].map((values) => [...values])).toEqual(expected)
    undo()
    expect([a.getState(), b.getState()]).toEqual(before)
    loaded.draw()
    expect(read(loaded).drawn).toEqual(expected)
    loaded.draw()
    expect(read(loaded).drawn).not.toEqual(expected)
  })

  test('is saved as a copy in ordinary memory, and restored into another program of the same layers', () => {
    const { make, read } = setting()
    const [from, to] = [make(), make()]
    from.readParameters()
    from.draw()
    const saved = from.save()
    const drawn = from.drawn()
    const { raw, drawn: numbers } = read(from)
    from.draw()
    for (const { buffer } of [...saved, ...drawn.values()]) expect(buffer).toBeInstanceOf(ArrayBuffer)
    to.restore(saved)
    to.prepare()
    expect(read(to)).toEqual({ raw, turned: [2, 1], drawn: numbers })
    expect([...drawn.values()].map((values) => [...values])).toEqual(numbers)
  })
})

test('a kernel that is not there is named before memory is taken', () => {
  for (const write of [
    (c: Compiler): void => c.call('tensor/none'),
    (c: Compiler): void => c.prepare('tensor/none'),
    (c: Compiler): void => c.endPhase({ kernel: 'tensor/none', args: [] }),
  ]) {
    const c = new Compiler(2, 2, true)
    write(c)
    const linked = link(c, [[['forward']]])
    const taken = blocksTaken()
    expect(() => new Loaded(c, linked, 'simd')).toThrow("there is no kernel 'tensor/none'")
    expect(blocksTaken()).toBe(taken)
  }
})

test('running takes no memory after the first time on so many threads', () => {
  fakeWorkers()
  const { loaded, run } = smallProgram()
  opened.push(loaded)
  run(1)
  run(3)
  const taken = blocksTaken()
  for (const threads of [1, 2, 3, 3, 1]) run(threads)
  expect(blocksTaken()).toBe(taken)
  run(4)
  expect(blocksTaken()).toBe(taken + 1)
})

test('one thread after many works where the many did', () => {
  fakeWorkers()
  const { loaded, run } = smallProgram()
  opened.push(loaded)
  const [alone, before] = [run(1), loaded.bytes]
  run(8)
  const bytes = (loaded.bytes - before) / 7
  const given = takeBlock(bytes)
  const others = new Uint8Array(sharedMemory().buffer, given, bytes).fill(0xab)
  expect(run(1)).toEqual(alone)
  expect(others.every((byte) => byte === 0xab)).toBe(true)
  freeBlock(given, bytes)
})

test('free() gives back all that was taken, on however many threads', () => {
  fakeWorkers()
  const once = (): void => {
    const { loaded, run } = smallProgram({ samples: 1 << 13 })
    for (const threads of [1, 2, 8]) run(threads)
    loaded.free()
  }
  once()
  const { byteLength } = sharedMemory().buffer
  for (let n = 0; n < 20; n++) once()
  // What a small one leaves would be seen only after many.
  for (let n = 0; n < 100; n++) {
    const { loaded, run } = smallProgram({ samples: 2 })
    run(2)
    loaded.free()
  }
  expect(sharedMemory().buffer.byteLength).toBe(byteLength)
})
