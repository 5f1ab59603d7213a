import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Spec } from '../spec.ts'
import type { SpecPlace } from './mutation/hunt.ts'

/** A spec and where it is. */
export interface FoundSpec {
  readonly place: SpecPlace
  readonly spec: Spec
}

/** Where the specs of a repository are: `packages/<package>/src/<folder>/spec.ts`, in the order of their paths. */
export function specPlaces(root: URL): SpecPlace[] {
  return globSync('packages/*/src/*/spec.ts', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ source: dirname(path), fixtures: `fixtures/${basename(dirname(path))}` }))
}

/** The spec of a place. */
export async function loadSpec(place: SpecPlace, root: URL): Promise<FoundSpec> {
  const { spec } = (await import(new URL(`${place.source}/spec.ts`, root).href)) as { spec: Spec }
  return { place, spec }
}
