import type { Tensor } from '@handgrad/tensor'
import type { EpochEvent } from './events.ts'

/** The number of the epoch with the least loss in validation, the first of several; 0 before the first has ended. */
export function bestEpoch(history: readonly EpochEvent[]): number {
  const losses = history.map(({ validationLoss }) => validationLoss)
  return losses.indexOf(Math.min(...losses)) + 1
}

/** Whether the last `patience` epochs (at least 1) have all been no better than one before them; never for null. */
export function isStoppedEarly(history: readonly EpochEvent[], patience: number | null): boolean {
  return patience !== null && history.length - bestEpoch(history) >= patience
}

/** Copies of tensors, by their names. */
export function clonesOf(tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, value.clone()]))
}
