import { type DType, formatShape, readSafetensors, type Tensor } from '@handgrad/tensor'

/** Raised when the meaning of anything in a {@link Bundle} changes. */
export const BUNDLE_FORMAT = 1

/** What is wrong with a bundle itself. */
export class BundleError extends Error {
  override readonly name = 'BundleError'
}

/** One forward and backward pass that was recorded. */
export interface BundleCase {
  /** Unique in its bundle: what the keys of its tensors begin with. */
  readonly name: string
  /** The names of the arguments of `forward`, in order; the first is differentiated. */
  readonly inputs: readonly string[]
  /** Where the default generator starts before the forward pass; left out where nothing is drawn. */
  readonly seed?: number
}

/**
 * Golden values of a module from elsewhere: `bundle.json` (all fields but `tensors`) and `tensors.safetensors`.
 *
 * Keys of a case `c`: its inputs `c/x`, parameters `c/param.weight` and the output's gradient `c/dy`, all in float32
 * (or whole numbers), and the results in both precisions, `c/float32/y`, `c/float64/dx`, `c/float64/dweight`.
 */
export interface Bundle {
  /** {@link BUNDLE_FORMAT}. */
  readonly format: number
  /** The class, as where it comes from names it: `nn.Conv2d`. */
  readonly module: string
  /** What its constructor was given, by position and by name. */
  readonly args: readonly unknown[]
  readonly options: Readonly<Record<string, unknown>>
  readonly mode: 'train' | 'eval'
  readonly cases: readonly BundleCase[]
  readonly tensors: Readonly<Record<string, Tensor<DType>>>
}

function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new BundleError(message)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checkCase(item: unknown, tensors: Bundle['tensors']): asserts item is BundleCase {
  check(isRecord(item) && typeof item['name'] === 'string', 'bundle.json: a case has no name')
  const { name, inputs, seed } = item
  const named = Array.isArray(inputs) && inputs.length > 0 && inputs.every((x) => typeof x === 'string')
  check(named, `bundle.json: case '${name}' names no inputs`)
  check(seed === undefined || Number.isInteger(seed), `bundle.json: the seed of '${name}' is no number`)
  const results = ['y', `d${inputs[0]}`].flatMap((key) => [`float32/${key}`, `float64/${key}`])
  for (const key of [...inputs, 'dy', ...results]) {
    const full = `${name}/${key}`
    check(Object.hasOwn(tensors, full), `tensors.safetensors: there is no '${full}'`)
  }
}

/** Golden values are in the precision that their key says, and there in both. */
function checkGolden(tensors: Bundle['tensors']): void {
  for (const [key, { dtype, shape }] of Object.entries(tensors)) {
    const [, named] = /\/(float32|float64)\/[^/]*$/.exec(key) ?? []
    if (named === undefined) continue
    check(dtype === named, `tensors.safetensors: '${key}' is ${dtype}, expected ${named}`)
    const other = key.replace(`/${named}/`, named === 'float32' ? '/float64/' : '/float32/')
    check(Object.hasOwn(tensors, other), `tensors.safetensors: there is no '${other}'`)
    const [own, theirs] = [formatShape(shape), formatShape(tensors[other].shape)]
    check(own === theirs, `tensors.safetensors: '${key}' has shape ${own}, '${other}' has ${theirs}`)
  }
}

/**
 * Reads a bundle from the text of its `bundle.json` and the bytes of its `tensors.safetensors`.
 * @throws BundleError that says what is missing or wrong.
 */
export function parseBundle(json: string, bytes: Uint8Array): Bundle {
  const [about, { tensors }] = [parsed(json), tensorsOf(bytes)]
  const { format, module, args = [], options = {}, mode = 'train', cases } = about
  check(format === BUNDLE_FORMAT, `bundle.json: format is ${String(format)}, expected ${BUNDLE_FORMAT}`)
  check(typeof module === 'string', 'bundle.json: module is no text')
  check(Array.isArray(args) && isRecord(options), 'bundle.json: args is no list, or options no object')
  check(mode === 'train' || mode === 'eval', `bundle.json: mode is ${String(mode)}, expected train or eval`)
  check(Array.isArray(cases) && cases.length > 0, 'bundle.json: there are no cases')
  for (const item of cases as unknown[]) checkCase(item, tensors)
  const names = (cases as BundleCase[]).map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  check(twice === undefined, `bundle.json: two cases are called '${twice}'`)
  checkGolden(tensors)
  return { format: BUNDLE_FORMAT, module, args, options, mode, cases: cases as BundleCase[], tensors }
}

function parsed(json: string): Record<string, unknown> {
  try {
    const about = JSON.parse(json) as unknown
    if (isRecord(about)) return about
  } catch (error) {
    // It quotes the text, whatever that holds.
    const message = (error as Error).message.replace(/\p{Cc}+/gu, ' ')
    throw new BundleError(`bundle.json: ${message}`, { cause: error })
  }
  throw new BundleError('bundle.json: expected an object')
}

function tensorsOf(bytes: Uint8Array): { tensors: Record<string, Tensor<DType>> } {
  try {
    return readSafetensors(bytes)
  } catch (error) {
    throw new BundleError(`tensors.safetensors: ${(error as Error).message}`, { cause: error })
  }
}
