import { backends, Compiler, currentBackend, Loaded, link, tensor, useBackend } from '@handgrad/tensor'
import { afterAll, describe, expect, test } from 'vitest'
import { CrossEntropyLoss, type CrossEntropyLossOptions } from '../index.ts'

afterAll(() => useBackend(backends().at(-1)!))

const { log } = Math
/** Samples of two classes with softmax ½, ½; ¼, ¾; ¾, ¼. */
const LOGITS = [[0, 0], [0, log(3)], [log(3), 0]].flat() // biome-ignore format: a matrix
const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 6))

interface Planned {
  batch(
    logits: readonly number[],
    target: readonly number[],
  ): { loss: number; predicted: number[]; gradient: number[] }
  begin(target: readonly number[]): void
}

/** The loss of three samples as a program that stays in memory, as in training. */
function planned(options: CrossEntropyLossOptions, training = true): Planned {
  const compiler = new Compiler(3, 2, training)
  const z = compiler.input(2, 1, 1, { align: 4 }, 2)
  const made = new CrossEntropyLoss(options).compile(z.value, compiler)!
  const dz = made.gradient === null ? null : compiler.output(made.gradient)
  const linked = link(compiler, [[['forward']]])
  const loaded = new Loaded(compiler, linked, currentBackend() as 'simd')
  const bound = made.bind(loaded)
  return {
    begin: (target) => bound.begin(Int32Array.from(target)),
    batch(logits, target) {
      loaded.floats(z.buffer, 6).set(logits)
      bound.begin(Int32Array.from(target))
      loaded.prepare()
      loaded.run('forward', 1)
      const { loss, predicted } = bound.end()
      return { loss, predicted: [...predicted], gradient: dz === null ? [] : [...loaded.floats(dz, 6)] }
    },
  }
}

describe.each(backends().filter((name) => name !== 'reference'))('on %s', (backend) => {
  test('batch after batch: the mean is over what counts in this one', () => {
    useBackend(backend)
    const loss = planned({ ignoreIndex: 1 })
    const first = loss.batch(LOGITS, [0, 0, 0])
    expect(first.loss).toBeCloseTo((log(2) + log(4) + log(4 / 3)) / 3, 6)
    expect(first.gradient).toEqual(close([-1 / 6, 1 / 6, -1 / 4, 1 / 4, -1 / 12, 1 / 12]))
    const second = loss.batch(LOGITS, [0, 1, 1])
    expect(second.loss).toBeCloseTo(log(2), 6)
    expect(second.gradient).toEqual(close([-1 / 2, 1 / 2, 0, 0, 0, 0]))
    expect(loss.batch(LOGITS, [0, 0, 0])).toEqual(first)
  })

  test('a sum, and what has the largest logit, the first of equals', () => {
    useBackend(backend)
    const { loss, predicted, gradient } = planned({ reduction: 'sum' }).batch(LOGITS, [0, 1, 1])
    expect(loss).toBeCloseTo(log(2) + log(4 / 3) + log(4), 6)
    expect(predicted).toEqual([0, 1, 0])
    expect(gradient).toEqual(close([-1 / 2, 1 / 2, 1 / 4, -1 / 4, 3 / 4, -3 / 4]))
  })

  test('in evaluation there is no gradient, and the same loss', () => {
    useBackend(backend)
    const { loss, predicted, gradient } = planned({}, false).batch(LOGITS, [1, 1, 0])
    expect(loss).toBeCloseTo((log(2) + 2 * log(4 / 3)) / 3, 6)
    expect([predicted, gradient]).toEqual([[0, 1, 0], []])
  })

  test.each([-1, 2])('target %i is refused before anything is written', (odd) => {
    useBackend(backend)
    const loss = planned({})
    const before = loss.batch(LOGITS, [0, 1, 1])
    expect(() => loss.begin([1, 0, odd])).toThrow(
      new RangeError(`CrossEntropyLoss: target ${odd} is not a class, expected 0 to 1`),
    )
    expect(loss.batch(LOGITS, [0, 1, 1])).toEqual(before)
  })
})

test('weights, smoothing and losses that are not reduced have no kernel; nor has a loss with code of its own', () => {
  class Own extends CrossEntropyLoss {
    override bwd(): void {}
  }
  const compiled = (criterion: CrossEntropyLoss, wish = 4): boolean => {
    const compiler = new Compiler(3, 2, true)
    const { value } = compiler.input(2, 1, 1, { align: wish }, 2)
    return criterion.compile(value, compiler) !== null
  }
  expect(compiled(new CrossEntropyLoss())).toBe(true)
  expect(compiled(new CrossEntropyLoss({ reduction: 'sum', ignoreIndex: 1 }))).toBe(true)
  expect(compiled(new CrossEntropyLoss({ weight: tensor([1, 2]) }))).toBe(false)
  expect(compiled(new CrossEntropyLoss({ labelSmoothing: 0.1 }))).toBe(false)
  expect(compiled(new CrossEntropyLoss({ reduction: 'none' }))).toBe(false)
  expect(compiled(new Own())).toBe(false)
  // Logits that do not lie as the kernel reads them.
  expect(compiled(new CrossEntropyLoss(), 8)).toBe(false)
  const images = new Compiler(3, 2, true)
  for (const z of [images.input(2, 2, 1, {}, 2), images.input(2, 1, 2, {}, 2), images.input(2, 1, 1, {}, 3)])
    expect(new CrossEntropyLoss().compile(z.value, images)).toBe(null)
})
