import type { DType, Tensor } from '@handgrad/tensor'
import type { Derivation } from './equations/derivation.ts'
import type { Mutant } from './mutant.ts'

/** How a tensor's elements are made: always from a seeded generator, bit for bit the same on every machine. */
export type Fill =
  /** Bell-shaped around 0 with variance 1 (the sum of four uniforms). */
  | 'bell'
  /** Uniform in [−9, 9), as torch's `make_tensor`. */
  | 'uniform'
  /** Whole numbers from −2 to 2: many ties. */
  | 'ties'
  /** Below −0.1. */
  | 'negative'
  /** Above 0.1. */
  | 'positive'
  /** A random order of numbers 0.37 apart around 0: no ties and no near ties. */
  | 'distinct'
  /** Along axis 1 (axis 0 of a vector) positive and summing to 1. */
  | 'probabilities'
  /** Whole numbers in [0, `classes`). */
  | 'classes'
  | 'zeros'

/** A tensor as data. */
export interface TensorSpec {
  readonly shape: readonly number[]
  /** `'bell'` unless told. */
  readonly fill?: Fill
  /** float32 unless told; float64 runs use the same float32 values. */
  readonly dtype?: DType
  /** For `'classes'`: how many there are. */
  readonly classes?: number
  /** Elements to overwrite by flat index: NaN, ±∞, −0, a tie. */
  readonly plant?: Readonly<Record<number, number>>
  /** A factor on every element. */
  readonly scale?: number
}

/** An argument as torch takes it; `{ tensor }` names an entry of the case's `tensors`. */
export type Argument =
  | number
  | string
  | boolean
  | null
  | readonly number[]
  | { readonly tensor: string }
  | ModuleArgument

/** A module that is made first: a part of a network. `module` says where torch has it; options in torch's spelling. */
export interface ModuleArgument {
  readonly module: string
  readonly args?: readonly Argument[]
  readonly options?: Options
}

/** Arguments by name, camelCase as here; the exporter hands them to torch in snake_case. */
export type Options = Readonly<Record<string, Argument>>

/** Golden tensors by name (`y`, `dx`, `dweight`, …) that may be degenerate, each with the reason. */
export type Expectations = Readonly<
  Record<string, { readonly zero: string } | { readonly constant: string } | { readonly small: string }>
>

interface CommonCase {
  /** Unique in its spec; part of file keys and messages. */
  readonly name: string
  /** Where torch has the class, if not where the spec says. */
  readonly torch?: string
  readonly args?: readonly Argument[]
  readonly options?: Options
  /** Tensors that options refer to. */
  readonly tensors?: Readonly<Record<string, TensorSpec>>
  readonly expect?: Expectations
  /** Why extents of one tensor may coincide here. */
  readonly equalExtents?: string
}

/** One forward and backward pass of a layer or a loss. */
export interface ModuleCase extends CommonCase {
  /** The arguments of `forward`, in order; the first is differentiated and its gradient is called `d` + its name. */
  readonly inputs: Readonly<Record<string, TensorSpec>>
  /** How parameters are made; their shapes are the module's. */
  readonly params?: Readonly<Record<string, Omit<TensorSpec, 'shape'>>>
  /** How the gradient of the output is made; its shape is the output's. Never ones. */
  readonly upstream?: Omit<TensorSpec, 'shape'>
  readonly mode?: 'train' | 'eval'
  /** Where the default generator starts before the forward pass. */
  readonly seed?: number
  /** The largest share of coordinates that finite differences may skip as kinks; 0.02 unless told, 1 where all are. */
  readonly skip?: { readonly share: number; readonly why: string }
  /** Why finite differences say nothing here: infinite or huge values. */
  readonly noDifferences?: string
}

/** Several steps of an optimizer on parameters with given gradients, perhaps under a schedule. */
export interface OptimizerCase extends CommonCase {
  readonly params: Readonly<Record<string, TensorSpec>>
  readonly steps: number
  /** How gradients are made; their shapes are the parameters'. */
  readonly gradients?: Omit<TensorSpec, 'shape'>
  /** Steps, counted from 1, at which a parameter has no gradient. */
  readonly without?: Readonly<Record<string, readonly number[]>>
}

/** Numbers that a schedule gives: the learning rate and the momentum before each step. */
export interface ScheduleCase extends CommonCase {
  /** Where torch has the optimizer that is scheduled, and its options. */
  readonly optimizer: { readonly torch: string; readonly options: Options }
  readonly steps: number
}

/** Something that must be refused, and how. */
export interface ErrorCase {
  readonly name: string
  readonly torch?: string
  readonly args?: readonly Argument[]
  readonly options?: Options
  readonly tensors?: Readonly<Record<string, TensorSpec>>
  /** Left out where the constructor must throw. */
  readonly inputs?: Readonly<Record<string, TensorSpec>>
  /** For a schedule: what it is made for. */
  readonly optimizer?: ScheduleCase['optimizer']
  /** The whole message, or a pattern for it. */
  readonly message: string | RegExp
  /** Why torch takes this without an error. */
  readonly torchAccepts?: string
}

/** What a layer or loss must offer to be checked. */
export interface Checkable {
  forward(...inputs: Tensor<DType>[]): Tensor
  bwd(options?: { inputGrad?: boolean }): void
  namedParameters?(): Iterable<readonly [string, Tensor]>
  namedBuffers?(): Iterable<readonly [string, Tensor]>
  train?(training?: boolean): unknown
  eval?(): unknown
}

/** What an optimizer must offer to be checked. */
export interface Steppable {
  step(): void
}

interface CommonSpec<Case> {
  /** From the defining equation to each gradient; null where there is nothing to derive, as in a schedule. */
  readonly derivation: Derivation<Case> | null
  /** The name of the class, here and in torch. */
  readonly name: string
  /** Where torch has it: `'nn.Conv2d'`. */
  readonly torch: string
  /** How many of its cases must really run on kernels, on each backend that has any; none unless told. */
  readonly onKernels?: number
  /** Mistakes that must be caught. */
  readonly mutants: readonly Mutant[]
  readonly cases: readonly Case[]
  readonly errors: readonly ErrorCase[]
}

/** A layer or a loss with all its cases: one object a folder. */
export interface ModuleSpec extends CommonSpec<ModuleCase> {
  readonly kind: 'module'
  create(args: readonly ResolvedArgument[], options: ResolvedOptions): Checkable
  /** Whether its parameters have a dtype of their own, given as an option. */
  readonly ownDtype?: boolean
  /** A loss: the gradient of its one number is 1 unless given. */
  readonly loss?: boolean
  /** Nothing rounds in it: even the sign of a zero must be torch's. */
  readonly exact?: boolean
  /** The inputs and parameters in each of which it is linear, the others being zero or fixed. */
  readonly linear?: readonly string[]
}

/** An optimizer with all its cases. */
export interface OptimizerSpec extends CommonSpec<OptimizerCase> {
  readonly kind: 'optimizer'
  create(params: Tensor[], options: ResolvedOptions): Steppable
}

/** A schedule with all its cases. */
export interface ScheduleSpec extends CommonSpec<ScheduleCase> {
  readonly kind: 'schedule'
  /** The optimizer of a case with its schedule: `rates()` are those in force, by name. */
  create(item: ScheduleCase | ErrorCase): { step(): void; rates(): Record<string, number> }
}

/** What a folder's `spec.ts` exports as `spec`. */
export type Spec = ModuleSpec | OptimizerSpec | ScheduleSpec

/** An argument with its tensor in place. */
// biome-ignore lint/suspicious/noExplicitAny: each spec hands its arguments to its own constructor
export type ResolvedArgument = any

/** Options with their tensors in place. */
export type ResolvedOptions = Record<string, ResolvedArgument>
