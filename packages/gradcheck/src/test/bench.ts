import { type FloatDType, Tensor, zeros } from '@handgrad/tensor'
import type { Derivation } from '../equations/derivation.ts'
import { fixtureOf } from '../fixture.ts'
import { proveCase } from '../prove.ts'
import type { Fixture, Problem } from '../result.ts'
import type { ModuleCase, ModuleSpec, Spec } from '../spec.ts'
import { Affine } from './layers.ts'

/** A spec with its fixture: all of it right, until a test breaks one thing. */
export interface Bench {
  spec: ModuleSpec
  fixture: Fixture
}

/** From y = xw' + b to its gradients. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {},
  indices: { n: 'N', m: 'N', i: 'I', o: 'O', q: 'O' },
  golden: { y: 'y', dx: 'dx', dw: 'dweight', db: 'dbias' },
  steps: [
    { id: 'y', equation: 'y[n,o] = sum(x[n,i] * w[o,i], i) + b[o]', because: '' },
    { id: 'dx-chain', equation: 'dx[n,i] = sum(dy[m,o] * diff(y[m,o], x[n,i]), m, o)', because: '' },
    { id: 'dx', equation: 'dx[n,i] = sum(dy[n,o] * w[o,i], o)', because: '' },
    { id: 'dw', equation: 'dw[o,i] = sum(dy[n,o] * x[n,i], n)', because: '' },
    { id: 'db', equation: 'db[o] = sum(dy[n,o], n)', because: '' },
    { id: 'dx-matrix', equation: 'dx = dy * w', because: '', form: 'matrix' },
  ],
  bind: (_item, values) => {
    const { x, y, dy, dx, 'param.weight': w, 'param.bias': b, dweight: dw, dbias: db } = values
    const [N, O, I] = [x.shape[0], ...w.shape]
    return { sizes: { N, O, I }, tensors: { x, y, dy, dx, w, b, dw, db } }
  },
}

const round = { float32: Math.fround, float64: (value: number): number => value }

/** y, dx, dweight and dbias by their definitions, each operation rounded to `dtype`, and each sum from its end. */
function golden(
  stored: Readonly<Record<string, Tensor>>,
  dtype: FloatDType,
): Readonly<Record<string, Tensor>> {
  const { x, dy, 'param.weight': w, 'param.bias': b } = stored
  const [N, O, I] = [x.shape[0], ...w.shape]
  const r = round[dtype]
  const make = (shape: readonly number[], terms: number, term: (at: number, k: number) => number): Tensor => {
    const out: Tensor = zeros(shape, { dtype })
    for (let at = 0; at < out.data.length; at++)
      for (let k = terms - 1; k >= 0; k--) out.data[at] = r(out.data[at] + r(term(at, k)))
    return out
  }
  const y = make([N, O], I, (at, i) => x.data[Math.floor(at / O) * I + i] * w.data[(at % O) * I + i])
  for (let at = 0; at < y.data.length; at++) y.data[at] += b.data[at % O]
  return {
    y,
    dx: make([N, I], O, (at, o) => dy.data[Math.floor(at / I) * O + o] * w.data[o * I + (at % I)]),
    dweight: make([O, I], N, (at, n) => dy.data[n * O + Math.floor(at / I)] * x.data[n * I + (at % I)]),
    dbias: make([O], N, (at, n) => dy.data[n * O + at]),
  }
}

/** The fixture of a spec whose cases are those of {@link Affine}, as the exporter would leave it. */
export function affineFixture(spec: Spec): Fixture {
  const { file, tensors } = fixtureOf(spec)
  const all = file.cases.flatMap(({ name }) => {
    const own = Object.entries(tensors).flatMap(([key, value]) =>
      key.startsWith(`${name}/`) ? [[key.slice(name.length + 1), value as Tensor] as const] : [],
    )
    return (['float32', 'float64'] as const).flatMap((dtype) =>
      Object.entries(golden(Object.fromEntries(own), dtype)).map(
        ([key, value]) => [`${name}/${dtype}/${key}`, value] as const,
      ),
    )
  })
  return {
    file,
    inputs: tensors,
    golden: Object.fromEntries(all),
    goldenHashes: Object.fromEntries(file.cases.map(({ name, hash }) => [name, hash])),
    torchErrors: {},
  }
}

/** A right layer, its derivation, cases and fixture; `change` is what the spec has otherwise. */
export function bench(change: Partial<ModuleSpec> = {}): Bench {
  const spec: ModuleSpec = {
    kind: 'module',
    name: 'Affine',
    torch: 'nn.Linear',
    derivation,
    mutants: [],
    create: (_args, { dtype = 'float32' }) => new Affine(zeros([3, 4], { dtype }), zeros([3], { dtype })),
    ownDtype: true,
    linear: ['x', 'weight'],
    cases: [
      { name: 'two', inputs: { x: { shape: [2, 4] } } },
      { name: 'five', inputs: { x: { shape: [5, 4] } } },
      { name: 'seven', inputs: { x: { shape: [7, 4] } } },
    ],
    errors: [],
    ...change,
  }
  return { spec, fixture: affineFixture(spec) }
}

const line = ({ view, message }: Problem): string => `${view}: ${message}`

/** All that is wrong with the first case, or the one that is named. */
export function problemsOf({ spec, fixture }: Bench, name: string = spec.cases[0].name): string[] {
  const item = spec.cases.find((one) => one.name === name)!
  return proveCase(spec, item, fixture, ['reference']).problems.map(line)
}

/** A right spec whose layers, made anew for each pass, are broken. */
export function brokenBench(breaks: (layer: Affine) => void, change: Partial<ModuleSpec> = {}): Bench {
  const { spec, fixture } = bench(change)
  const create: ModuleSpec['create'] = (args, options) => {
    const layer = spec.create(args, options) as Affine
    breaks(layer)
    return layer
  }
  return { spec: { ...spec, create }, fixture }
}

/** A fixture with some of the golden values of a case replaced; `key` is `float64/dx`. */
export function withGolden(
  { spec, fixture }: Bench,
  change: (key: string, value: Tensor) => Tensor | null,
): Bench {
  const changed = Object.entries(fixture.golden).flatMap(([path, value]) => {
    const key = path.slice(path.indexOf('/') + 1)
    const copy = change(key, new Tensor((value as Tensor).data.slice(), value.shape))
    return copy === null ? [] : [[path, copy] as const]
  })
  return { spec, fixture: { ...fixture, golden: Object.fromEntries(changed) } }
}
