import type { Reporter, TestModule } from 'vitest/node'
import type { ProofTotals } from '../packages/gradcheck/src/vitest/index.ts'

const labels: Record<keyof ProofTotals, string> = {
  specs: 'layers, losses and optimizers',
  cases: 'cases',
  runs: 'runs on all backends',
  kernels: 'of them on kernels',
  errors: 'error cases',
  steps: 'derivation steps evaluated',
  coordinates: 'coordinates differenced',
  skipped: 'skipped as kinks',
  mutants: 'mutants caught',
}

/** Adds up what the proof's tests left in their `meta`, and prints it in one line at the end. */
class ProofReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const totals = new Map<string, number>()
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        for (const [key, value] of Object.entries(test.meta().proof ?? {}))
          totals.set(key, (totals.get(key) ?? 0) + value)
      }
    }
    if (totals.size === 0) return
    const parts = Object.entries(labels).map(([key, label]) => `${totals.get(key) ?? 0} ${label}`)
    console.log(`proof: ${parts.join(', ')}`)
  }
}

// oxlint-disable-next-line import/no-default-export -- `--reporter=<path>` takes a module's default export
export default ProofReporter
