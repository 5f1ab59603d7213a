import type { DType, Tensor } from '@handgrad/tensor'
import { makeTensor, type Tensors } from './materialize.ts'
import { moduleShapes, moduleTensors, type Shapes } from './module.ts'
import { optimizerTensors } from './optimizer.ts'
import type { Argument, ErrorCase, ModuleCase, Options, ScheduleCase, Spec } from './spec.ts'

/** Raised when what the exporter reads changes its meaning: all fixtures are stale then. */
const FORMAT = 1

/** What Python reads of one case. */
export interface FixtureCase {
  readonly name: string
  readonly torch: string
  readonly args: readonly Argument[]
  readonly options: Options
  /** Names of the arguments of `forward`, in order. */
  readonly inputs?: readonly string[]
  readonly mode?: string
  readonly seed?: number
  readonly params?: readonly string[]
  readonly steps?: number
  readonly optimizer?: { readonly torch: string; readonly options: Options }
}

/** `cases.json`. */
export interface FixtureFile {
  readonly format: number
  readonly kind: Spec['kind']
  readonly cases: readonly (FixtureCase & { readonly hash: string })[]
  readonly errors: readonly (FixtureCase & { readonly accepts: boolean })[]
}

/** `ceilMode` → `ceil_mode`: how torch spells the name of an option. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function forTorch(options: Options = {}): Options {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value]))
}

function common(
  spec: Spec,
  { name, torch = spec.torch, args = [], options }: ErrorCase | Spec['cases'][number],
): FixtureCase {
  return { name, torch, args, options: forTorch(options) }
}

function describe(spec: Spec, item: Spec['cases'][number]): FixtureCase {
  const base = common(spec, item)
  if (spec.kind === 'module') {
    const { inputs, mode = 'train', seed } = item as ModuleCase
    return { ...base, inputs: Object.keys(inputs), mode, ...(seed === undefined ? {} : { seed }) }
  }
  if (spec.kind === 'optimizer') {
    const { params, steps } = item as Extract<Spec, { kind: 'optimizer' }>['cases'][number]
    return { ...base, params: Object.keys(params), steps }
  }
  const { optimizer, steps } = item as ScheduleCase
  return { ...base, steps, optimizer: optimizerForTorch(optimizer) }
}

function optimizerForTorch({ torch, options }: ScheduleCase['optimizer']): ScheduleCase['optimizer'] {
  return { torch, options: forTorch(options) }
}

/** The tensors a case stores; `shapes` are asked of the module unless known. */
export function caseTensors(spec: Spec, item: Spec['cases'][number], shapes?: Shapes): Tensors {
  if (spec.kind === 'schedule') return {}
  if (spec.kind === 'optimizer')
    return optimizerTensors(spec, item as Extract<Spec, { kind: 'optimizer' }>['cases'][number])
  const module = item as ModuleCase
  return moduleTensors(spec, module, shapes ?? moduleShapes(spec, module))
}

/** A hash of all that decides a case's golden values: what Python reads and the bytes of every stored tensor. */
export function caseHash(described: FixtureCase, tensors: Tensors): string {
  const encoder = new TextEncoder()
  let [a, b] = [0x811c9dc5, 0x9747b28c]
  const add = (bytes: Uint8Array): void => {
    for (const byte of bytes) {
      a = Math.imul(a ^ byte, 0x01000193)
      b = Math.imul(b ^ byte, 0x5bd1e995) ^ (b >>> 13)
    }
  }
  add(encoder.encode(JSON.stringify([FORMAT, described])))
  for (const name of Object.keys(tensors).sort()) {
    const { data, dtype, shape }: Tensor<DType> = tensors[name]
    add(encoder.encode(`${name} ${dtype} [${shape}]`))
    add(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

/** What a case's fixture must say now: the entry of `cases.json`, and the tensors it stores. */
export function expectedCase(
  spec: Spec,
  item: Spec['cases'][number],
  shapes?: Shapes,
): { entry: FixtureFile['cases'][number]; tensors: Tensors } {
  const described = describe(spec, item)
  const tensors = caseTensors(spec, item, shapes)
  return { entry: { ...described, hash: caseHash(described, tensors) }, tensors }
}

/** Everything that Python needs of a spec: `cases.json` and the stored tensors, by case and name. */
export function fixtureOf(spec: Spec): { file: FixtureFile; tensors: Tensors } {
  const tensors: Tensors = {}
  const store = (name: string, of: Tensors): void => {
    for (const [key, value] of Object.entries(of)) tensors[`${name}/${key}`] = value
  }
  const cases = spec.cases.map((item) => {
    const { entry, tensors: own } = expectedCase(spec, item)
    store(item.name, own)
    return entry
  })
  const errors = spec.errors.map((item) => {
    store(item.name, errorTensors(spec, item))
    const inputs = item.inputs === undefined ? {} : { inputs: Object.keys(item.inputs) }
    const optimizer = item.optimizer === undefined ? {} : { optimizer: optimizerForTorch(item.optimizer) }
    return { ...common(spec, item), ...inputs, ...optimizer, accepts: item.torchAccepts !== undefined }
  })
  return { file: { format: FORMAT, kind: spec.kind, cases, errors }, tensors }
}

/** The tensors of an error case. */
export function errorTensors(spec: Spec, item: ErrorCase): Tensors {
  const options = Object.entries(item.tensors ?? {}).map(([name, of]) => [`tensor.${name}`, of] as const)
  const all = [...options, ...Object.entries(item.inputs ?? {})]
  return Object.fromEntries(all.map(([name, of]) => [name, makeTensor(spec.name, item.name, name, of)]))
}
