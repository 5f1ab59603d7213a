import { kernelPlan } from '@handgrad/layers'
import { build } from './build.proof.ts'
import type { NetworkCase } from './case.proof.ts'
import type { Tally } from './fuzz.proof.ts'

/** How many networks had which layer, with the kernel that it got. */
export function kinds(): Tally {
  const counts = new Map<string, number>()
  return {
    add(network: NetworkCase) {
      const plan = kernelPlan(build(network), [network.batches[0], ...network.sample])
      const found = plan.map(({ layer, kernel }) => `${layer.split('(')[0]}: ${kernel}`)
      for (const kind of new Set(found)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    },
    lines: () =>
      [...counts]
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([kind, count]) => `${String(count).padStart(7)}  ${kind}`),
  }
}
