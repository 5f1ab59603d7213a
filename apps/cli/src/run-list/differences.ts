import { bestOf, type Run } from './read-run.ts'

/** What two runs do not have in common. */
export interface Difference {
  /** A key of `config.json`, inner ones behind a point; or a result. */
  readonly what: string
  /** As JSON has them; undefined where a run lacks it. */
  readonly a: unknown
  readonly b: unknown
}

/** Every setting in which two runs differ, by name, then every result that does. */
export function differences(a: Run, b: Run): { settings: Difference[]; results: Difference[] } {
  return { settings: apart(flat(a.config), flat(b.config)), results: apart(resultsOf(a), resultsOf(b)) }
}

function resultsOf(run: Run): Map<string, unknown> {
  const best = bestOf(run)
  const last = run.epochs.at(-1)
  return new Map<string, unknown>([
    ['epochs', run.epochs.length],
    ['best epoch', best?.epoch],
    ['best validation loss', best?.validationLoss],
    ['best validation accuracy', best?.validationAccuracy],
    ['last training loss', last?.trainLoss],
    ['test loss', run.done?.testLoss],
    ['test accuracy', run.done?.testAccuracy],
  ])
}

function flat(value: object, prefix = ''): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) found.set(prefix + key, inner)
    else for (const [name, own] of flat(inner as object, `${prefix}${key}.`)) found.set(name, own)
  }
  return found
}

function apart(a: Map<string, unknown>, b: Map<string, unknown>): Difference[] {
  const names = [...new Set([...a.keys(), ...b.keys()])]
  return names
    .map((what) => ({ what, a: a.get(what), b: b.get(what) }))
    .filter((one) => JSON.stringify(one.a) !== JSON.stringify(one.b))
}
