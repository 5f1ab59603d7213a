import type { FloatDType, Tensor } from '@handgrad/tensor'
import type { Tensors } from './materialize.ts'
import { openModule, runModule } from './module.ts'
import { runOptimizer } from './optimizer.ts'
import { runSchedule } from './schedule.ts'
import type { Spec } from './spec.ts'

/** Runs a case of any kind once, from stored tensors. */
export function runCase(
  spec: Spec,
  item: Spec['cases'][number],
  stored: Tensors,
  dtype: FloatDType,
): Record<string, Tensor> {
  if (spec.kind === 'module') {
    return runModule(openModule(spec, item as never, stored, dtype), stored.dy)
  }
  return spec.kind === 'optimizer'
    ? runOptimizer(spec, item as never, stored, dtype)
    : runSchedule(spec, item as never)
}
