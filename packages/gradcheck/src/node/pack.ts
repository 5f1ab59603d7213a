import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSafetensors } from '@handgrad/tensor'
import type { FixtureFile } from '../fixture.ts'
import { type PackedCase, type PackSource, packCases } from '../pack/files.ts'
import { caseFiles, PACK_SCHEMA, type PackManifest } from '../pack/layout.ts'
import { versionsOf } from '../pack/versions.ts'
import { readFixture } from './fixtures.ts'
import { loadSpec, specPlaces } from './places.ts'

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

/** Which golden cases a pack has. */
export interface PackOptions {
  /** Where they lie: `fixtures/` of the repository unless told. */
  readonly fixtures?: URL
  /** Folders of `fixtures`; all unless told. */
  readonly folders?: readonly string[]
}

/** The folders of `fixtures` that hold golden cases, with the specs that the repository has for them. */
export async function packSources(
  root: URL,
  { fixtures = new URL('fixtures/', root), folders }: PackOptions = {},
): Promise<PackSource[]> {
  const specs = await Promise.all(specPlaces(root).map((place) => loadSpec(place, root)))
  const sources: PackSource[] = []
  for (const folder of readdirSync(fixtures).sort()) {
    const path = fileURLToPath(new URL(`${folder}/cases.json`, fixtures))
    if (
      folders?.includes(folder) === false ||
      !existsSync(path) ||
      !Array.isArray((json(path) as Partial<FixtureFile>).cases)
    )
      continue
    const spec = specs.find(({ place }) => place.fixtures === `fixtures/${folder}`)?.spec ?? null
    sources.push({ folder, fixture: readFixture(dirname(path)), spec })
  }
  return sources
}

/** The version that made the golden values of a folder. */
function madeBy(folder: string, fixtures: URL): { torch: string; cpu: string } {
  const { metadata } = readSafetensors(readFileSync(new URL(`${folder}/golden.safetensors`, fixtures)))
  return { torch: metadata?.['torch'] ?? 'unknown', cpu: metadata?.['cpu'] ?? 'unknown' }
}

function digestOf(files: PackedCase['files']): string {
  const hash = createHash('sha256')
  for (const name of caseFiles) hash.update(files[name])
  return hash.digest('hex')
}

/** What {@link writePack} wrote. */
export interface WrittenPack {
  readonly manifest: PackManifest
  readonly bytes: number
  readonly tensors: number
}

/**
 * Writes every golden case below `fixtures` as files, `cases/<folder>/<case>/`, and `manifest.json` last.
 * @throws Error where there are none.
 */
export async function writePack(root: URL, out: string, options: PackOptions = {}): Promise<WrittenPack> {
  const { fixtures = new URL('fixtures/', root) } = options
  const sources = await packSources(root, options)
  const makers = sources.map(({ folder }) => ({ folder, ...madeBy(folder, fixtures) }))
  const versions = versionsOf(Object.fromEntries(makers.map(({ folder, torch }) => [folder, torch])))
  const cpu = Object.fromEntries(makers.map((made) => [made.folder, made.cpu]))
  const cases: Record<string, string> = {}
  let [bytes, tensors] = [0, 0]
  const write = (name: string, content: Uint8Array | string): void => {
    const path = join(out, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    bytes += Buffer.byteLength(content)
  }
  for (const source of sources) {
    tensors += Object.keys(source.fixture.inputs).length + Object.keys(source.fixture.golden).length
    for (const { id, files } of packCases(source)) {
      cases[id] = digestOf(files)
      for (const name of caseFiles) write(`cases/${id}/${name}`, files[name])
    }
  }
  const manifest: PackManifest = { schema: PACK_SCHEMA, ...versions, cpu, licence: 'CC0-1.0', cases }
  write('LICENCE', LICENCE)
  write('manifest.json', `${JSON.stringify(manifest)}\n`)
  return { manifest, bytes, tensors }
}

const LICENCE = `CC0 1.0 Universal: https://creativecommons.org/publicdomain/zero/1.0/

To the extent possible under law, the authors of handgrad have waived all copyright and related rights to these files.
`
