import { type DType, Generator, type Tensor } from '@handgrad/tensor'
import { caseBounds, proveCase, proveGoldens } from '../../prove.ts'
import type { Fixture, Problem } from '../../result.ts'
import type { Spec } from '../../spec.ts'

/** A stored number that was changed. */
export interface ChangedValue {
  /** `golden strided/float64/dx [17]: 0.25 → 0.2525` */
  readonly change: string
  /** What was said; null where it survived. */
  readonly message: string | null
}

type Part = 'golden' | 'inputs'

/** A little more: what a wrong export, or a wrong hand, might have left there. */
function other(value: number): number {
  if (!Number.isFinite(value)) return 0
  return value === 0 ? 0.01 : value * 1.01
}

/** The tensor with one element changed: a number of a class is another class. */
function withOther(tensor: Tensor<DType>, flat: number): { tensor: Tensor<DType>; change: string } {
  const copy = tensor.clone()
  const { data, dtype } = copy
  const before = data[flat]
  if (data instanceof BigInt64Array) data[flat] += 1n
  else data[flat] = dtype.startsWith('float') ? other(data[flat]) : data[flat] + 1
  return { tensor: copy, change: `[${flat}]: ${before} → ${data[flat]}` }
}

function changed(
  fixture: Fixture,
  part: Part,
  key: string,
  flat: number,
): { fixture: Fixture; change: string } {
  const { tensor, change } = withOther(fixture[part][key], flat)
  const tensors = { ...fixture[part], [key]: tensor }
  return { fixture: { ...fixture, [part]: tensors }, change: `${part} ${key} ${change}` }
}

function firstProblem(
  spec: Spec,
  item: Spec['cases'][number],
  clean: Fixture,
  fixture: Fixture,
): Problem | undefined {
  const [quick] = proveGoldens(spec, item, fixture, caseBounds(spec, item, clean), ['reference'])
  return quick ?? proveCase(spec, item, fixture, ['reference']).problems[0]
}

/** Changes `count` of the numbers that a spec's fixtures hold, one at a time, drawn by a seed. */
export function huntValues(spec: Spec, fixture: Fixture, count: number, seed: number): ChangedValue[] {
  const generator = new Generator(seed)
  const draw = (below: number): number => generator.random32() % below
  const places = (['golden', 'inputs'] as const).flatMap((part) =>
    Object.entries(fixture[part])
      .filter(
        ([key, { data }]) => data.length > 0 && spec.cases.some(({ name }) => key.startsWith(`${name}/`)),
      )
      .map(([key, { data }]) => ({ part, key, length: data.length })),
  )
  if (places.length === 0) return []
  return Array.from({ length: count }, () => {
    const { part, key, length } = places[draw(places.length)]
    const one = changed(fixture, part, key, draw(length))
    const item = spec.cases.find(({ name }) => key.startsWith(`${name}/`)) as Spec['cases'][number]
    return { change: one.change, message: firstProblem(spec, item, fixture, one.fixture)?.message ?? null }
  })
}
