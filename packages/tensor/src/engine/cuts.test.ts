import { expect, test } from 'vitest'
import { Generator } from '../generator.ts'
import { Tensor } from '../tensor.ts'
import { Compiler } from './compiler.ts'
import { link, type Routes } from './link.ts'
import { Loaded } from './loaded.ts'
import { COUNT, startOf } from './value.ts'

const [SAMPLES, C, H, W, F] = [11, 3, 2, 5, 4]

/** Where a list may be cut: after so many steps. */
const CUTS = 6

/**
 * Borders, sums in place, flat features and gradients in two layouts, by kernels of this package; phases end where
 * `isCut` says so, and the way back is a stretch of its own or not.
 */
function run(isCut: (step: number) => boolean, routes: Routes) {
  const noise = (length: number, seed: number): Float32Array =>
    new Generator(seed).uniform(new Float32Array(length), -1, 1)
  const c = new Compiler(SAMPLES, 2, true)
  const w = new Tensor<'float32'>(noise(C * H * W * F, 1), [C * H * W, F])
  let step = 0
  const cut = (): void => {
    if (isCut(step++)) c.endPhase()
  }
  const input = c.input(C, H, W, { border: 1 }, 4)
  const x = input.value
  const twice = c.add(x, x)
  cut()
  const wide = c.fit(twice, { border: 2 })
  const sum = c.add(c.fit(wide, { border: 1, row: x.row }), x)
  cut()
  const flat = c.image(C * H * W, 1, 1, {}, 2)
  const order = c.take('thread', C * H * W * 4 * c.micro)
  c.call('tensor/image_out', sum.ref, order, COUNT, C, H, W, sum.cell, sum.row, sum.image)
  c.call('tensor/image_in', order, flat.ref, COUNT, C * H * W, 1, 1, flat.cell, flat.row, flat.image)
  cut()
  const y = c.image(F, 1, 1, {}, 2)
  const weights = c.parameter(
    w,
    Int32Array.from({ length: C * H * W * F }, (_, i) => i),
  )
  c.call('tensor/gemm', flat.ref, flat.cell, 4, weights, F * 4, y.ref, y.cell, COUNT, C * H * W, F, 0)
  const out = c.output(y)
  c.list('back')
  const dy = c.inPlaceOf(c.imageFrom({ buffer: out, offset: 0 }, F, 1, 1, {}, 2))
  c.call('tensor/add', COUNT, F, startOf(y), startOf(y), startOf(dy))
  cut()
  const turned = Int32Array.from({ length: C * H * W * F }, (_, i) => (i % F) * C * H * W + Math.floor(i / F))
  const [plain, other] = [Int32Array.from(turned.keys()), turned].map((map) => c.gradient(w, map.length, map))
  c.call('tensor/gemm', flat.ref, 4, flat.cell, dy.ref, dy.cell, plain, F * 4, C * H * W, COUNT, F, 1)
  cut()
  c.call('tensor/gemm', dy.ref, 4, dy.cell, flat.ref, flat.cell, other, C * H * W * 4, F, COUNT, C * H * W, 1)
  cut()
  const dx = c.output(c.add(c.add(sum, twice), x))
  const linked = link(c, routes)
  const loaded = new Loaded(c, linked, 'simd-plain')
  loaded.floats(input.buffer, SAMPLES * C * H * W).set(noise(SAMPLES * C * H * W, 2))
  loaded.readParameters()
  loaded.prepare()
  for (const stretch of linked.stretches.keys()) loaded.run(stretch, 1)
  // A way back that has been gone before.
  if (linked.stretches.has('back')) loaded.run('back', 1)
  const read = [
    loaded.floats(out, SAMPLES * F),
    loaded.floats(dx, SAMPLES * C * H * W),
    ...c.gradients.map(({ slot, gathered }) =>
      loaded.floats(gathered?.to ?? c.sums.get(slot)!, w.data.length),
    ),
  ].map((values) => [...values])
  loaded.free()
  return { read, kept: linked.kept, phases: linked.program.phases.length }
}

test('the same bits come out wherever phases end, and whether the way back is a stretch of its own or not', () => {
  const together = run(() => false, [[['forward', 'back']]])
  expect(together).toMatchObject({ kept: 0, phases: 1 })
  const [y, dx, dw, again] = together.read
  expect([y, dx, dw].map((values) => values.filter((value) => value !== 0).length)).toEqual([
    SAMPLES * F,
    SAMPLES * C * H * W,
    C * H * W * F,
  ])
  expect(again).toEqual(dw)
  for (let cuts = 0; cuts < 1 << CUTS; cuts++) {
    const isCut = (step: number): boolean => ((cuts >> step) & 1) === 1
    const count = [0, 1, 2, 3, 4, 5].filter(isCut).length
    for (const routes of [[[['forward', 'back']]], [[['forward'], ['back']]]]) {
      const { read, kept, phases } = run(isCut, routes)
      expect(read).toEqual(together.read)
      expect(phases).toBe(routes[0].length + count)
      expect(kept > 0).toBe(phases > 1)
    }
  }
})
