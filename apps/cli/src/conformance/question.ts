import type { LoadedCase } from '@handgrad/gradcheck'
import type { DType, Tensor } from '@handgrad/tensor'
import { pair } from '@handgrad/tensor'

/** A tensor on its way to a library: NaN, infinities and −0 are words, since JSON has none. */
export interface SentTensor {
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
}

/** What a library is asked: an operation of bench/conformance/*.mjs, its options, and its tensors by name. */
export interface Question {
  readonly op: string
  readonly options: Readonly<Record<string, unknown>>
  readonly tensors: Readonly<Record<string, SentTensor>>
}

/** What it says. */
export type Reply =
  | { readonly outputs: Readonly<Record<string, SentTensor>> }
  | { readonly notOffered: string }
  | { readonly error: string }

const word = (value: number): number | string =>
  Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value)

/** A tensor as it is sent. */
export function sent({ shape, data }: Pick<Tensor<DType>, 'shape' | 'data'>): SentTensor {
  return { shape, data: Array.from(data as ArrayLike<number | bigint>, (value) => word(Number(value))) }
}

/** The numbers of a tensor that was sent. */
export function numbers({ data }: SentTensor): number[] {
  return data.map(Number)
}

interface Translation {
  readonly op: string
  readonly options: (
    args: readonly unknown[],
    options: Readonly<Record<string, unknown>>,
  ) => Record<string, unknown>
}

const two = (value: unknown): readonly [number, number] => pair(value as number | [number, number])

const windows: Translation['options'] = (_args, { stride, padding = 0, dilation = 1 }) => ({
  stride: two(stride ?? 1),
  padding: typeof padding === 'string' ? padding : two(padding),
  dilation: two(dilation),
})

/** What is asked for a class of torch. */
const translations: Readonly<Record<string, Translation>> = {
  'nn.ReLU': { op: 'relu', options: () => ({}) },
  'nn.Flatten': {
    op: 'flatten',
    options: ([first, last], { start_dim = first ?? 1, end_dim = last ?? -1 }) => ({
      startDim: start_dim,
      endDim: end_dim,
    }),
  },
  'nn.MaxPool2d': {
    op: 'maxPool2d',
    options: (args, options) => ({
      kernelSize: two(args[0]),
      ...windows(args, { ...options, stride: options['stride'] ?? args[0] }),
      ceilMode: options['ceil_mode'] === true,
    }),
  },
  'nn.Conv2d': {
    op: 'conv2d',
    options: (args, options) => ({ ...windows(args, options), groups: options['groups'] ?? 1 }),
  },
  'nn.Linear': { op: 'linear', options: () => ({}) },
  'nn.CrossEntropyLoss': {
    op: 'crossEntropy',
    options: (_args, { label_smoothing, ignore_index, ...rest }) => ({
      ...rest,
      labelSmoothing: label_smoothing,
      ignoreIndex: ignore_index,
    }),
  },
  'optim.SGD': {
    op: 'sgd',
    options: (_args, { weight_decay, ...rest }) => ({ ...rest, weightDecay: weight_decay }),
  },
  'optim.Adam': {
    op: 'adam',
    options: (_args, { weight_decay, ...rest }) => ({ ...rest, weightDecay: weight_decay }),
  },
}

/** A case of the pack as a question; null for a class that no library is asked for. */
export function questionOf({ about, inputs }: LoadedCase): Question | null {
  if (!Object.hasOwn(translations, about.torch) || about.seed !== undefined) return null
  const { op, options } = translations[about.torch]
  const own = options(about.args, about.options)
  const steps = about.steps === undefined ? {} : { steps: about.steps }
  const isOptimizer = about.kind === 'optimizer'
  const tensors = Object.entries(inputs).map(([name, x]) => [
    isOptimizer ? name : name.replace(/^param\./, ''),
    sent(x),
  ])
  return { op, options: { ...own, ...steps }, tensors: Object.fromEntries(tensors) as Question['tensors'] }
}
