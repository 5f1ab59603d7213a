import { type Tensor, tensor } from '@handgrad/tensor'
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type Explanation, type Explorer, flatIndex } from '../../explorers/explorer.ts'
import { clamp, type View } from './address.ts'

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor | undefined>>

/** Where the explorer stands: everything else follows from the view. */
export interface State {
  readonly view: Signal<View>
  readonly options: ReadonlySignal<Record<string, number>>
  readonly inputs: ReadonlySignal<Tensors>
  /** All tensors by name, or why the options do not go together. */
  readonly result: ReadonlySignal<{ inputs: Tensors; tensors: Tensors; problem: string | null }>
  readonly explanation: ReadonlySignal<Explanation | null>
  setOption(name: string, value: number): void
  setCell(name: string, index: readonly number[], value: number): void
  pick(name: string, index: readonly number[]): void
  reset(): void
}

/** The inputs, with the reader's numbers where they still fit the shape. */
function edited(inputs: Record<string, Tensor>, numbers: View['edited']): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, x]) => {
      const own = numbers[name]
      return [name, own?.length === x.data.length ? tensor(Float64Array.from(own), x.shape) : x]
    }),
  )
}

export function createState(explorer: Explorer, start: View): State {
  const view = signal(start)
  const options = computed(() => {
    const defaults = Object.entries(explorer.options).map(([name, { value }]) => [name, value])
    return { ...Object.fromEntries(defaults), ...view.value.options } as Record<string, number>
  })
  const attempt: State['result'] = computed(() => {
    try {
      const inputs = edited(explorer.inputs(options.value), view.value.edited)
      return { inputs, tensors: { ...inputs, ...explorer.run(inputs, options.value) }, problem: null }
    } catch (error) {
      return { inputs: {}, tensors: {}, problem: (error as Error).message }
    }
  })
  const explanation = computed(() => {
    const { pick } = view.value
    const { tensors } = attempt.value
    const picked = pick && tensors[pick.name]
    if (!pick || !picked || !fits(pick.index, picked.shape)) return null
    return explorer.explain(pick.name, pick.index, tensors as Record<string, Tensor>, options.value)
  })
  const change = (part: Partial<View>): void => {
    view.value = { ...view.value, ...part, from: null }
  }
  return {
    view,
    options,
    inputs: computed(() => attempt.value.inputs),
    result: attempt,
    explanation,
    setOption(name, value) {
      if (Number.isFinite(value))
        change({ options: { ...view.value.options, [name]: clamp(value, explorer.options[name]) } })
    },
    setCell(name, index, value) {
      const x = attempt.value.tensors[name]
      if (x === undefined || !Number.isFinite(value)) return
      const numbers = Array.from(x.data)
      numbers[flatIndex(x.shape, index)] = value
      change({ edited: { ...view.value.edited, [name]: numbers } })
    },
    pick: (name, index) => change({ pick: { name, index: [...index] } }),
    reset: () => change({ options: {}, edited: {} }),
  }
}

/** Whether an index, which may come from an address, is inside a shape. */
export function fits(index: readonly number[], shape: readonly number[]): boolean {
  return index.length === shape.length && index.every((i, axis) => i < shape[axis])
}
