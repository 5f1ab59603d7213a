import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import type { Spec } from '../spec.ts'
import type { SpecPlace } from './mutation/hunt.ts'

/** A spec and where it is. */
export interface FoundSpec {
  readonly place: SpecPlace
  readonly spec: Spec
}

/** The folders in one, none where it is not there. */
function foldersIn(path: string, root: URL): string[] {
  const folder = new URL(`${path}/`, root)
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${path}/${name}`)
}

/** Where the specs of a repository are: `packages/<package>/src/<folder>/spec.ts`, in the order of their paths. */
export function specPlaces(root: URL): SpecPlace[] {
  return foldersIn('packages', root)
    .flatMap((room) => foldersIn(`${room}/src`, root))
    .filter((source) => existsSync(new URL(`${source}/spec.ts`, root)))
    .sort()
    .map((source) => ({ source, fixtures: `fixtures/${basename(source)}` }))
}

/** The spec of a place. */
export async function loadSpec(place: SpecPlace, root: URL): Promise<FoundSpec> {
  const { spec } = (await import(new URL(`${place.source}/spec.ts`, root).href)) as { spec: Spec }
  return { place, spec }
}
