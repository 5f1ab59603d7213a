import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '@handgrad/tensor'
import { answerFiles, readAnswers } from '../outputs/answers.ts'
import type { Given, LoadedCase } from '../outputs/verify-outputs.ts'
import { caseFiles, PACK_SCHEMA, type PackCase, PackError, type PackManifest } from '../pack/layout.ts'
import { STEPS } from '../pack/steps.ts'

function read(folder: string, name: string): Uint8Array {
  try {
    return readFileSync(join(folder, name))
  } catch (error) {
    throw new PackError(`cannot read ${join(folder, name)}`, { cause: error })
  }
}

function parsed(folder: string, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(read(folder, name))) as unknown
  } catch (error) {
    if (error instanceof PackError) throw error
    throw new PackError(`${join(folder, name)}: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * Reads `manifest.json` of a pack.
 * @throws PackError where there is none, or one of another schema.
 */
export function readManifest(pack: string): PackManifest {
  const manifest = parsed(pack, 'manifest.json') as Partial<PackManifest>
  if (manifest.schema !== PACK_SCHEMA)
    throw new PackError(`manifest.json: schema is ${String(manifest.schema)}, expected ${PACK_SCHEMA}`)
  if (typeof manifest.cases !== 'object') throw new PackError('manifest.json: there are no cases')
  return manifest as PackManifest
}

/**
 * Reads a case of a pack, whose files must be the ones that the manifest has digests of.
 * @throws PackError for a file that is missing or was changed.
 */
export function readCase(pack: string, manifest: PackManifest, id: string): LoadedCase {
  const folder = join(pack, 'cases', id)
  const files = caseFiles.map((name) => read(folder, name))
  const hash = createHash('sha256')
  for (const file of files) hash.update(file)
  if (hash.digest('hex') !== manifest.cases[id])
    throw new PackError(`cases/${id}: its files are not those of manifest.json`)
  const golden = Object.entries(readSafetensors(files[3]).tensors)
  const steps = golden.filter(([name]) => name.startsWith(STEPS))
  return {
    about: JSON.parse(new TextDecoder().decode(files[0])) as PackCase,
    inputs: readSafetensors(files[1]).tensors,
    expected: Object.fromEntries(golden.filter((one) => !steps.includes(one))) as LoadedCase['expected'],
    steps: Object.fromEntries(
      steps.map(([name, own]) => [name.slice(STEPS.length), own]),
    ) as LoadedCase['steps'],
  }
}

function givenIn(folder: string, files: readonly string[]): Given | null {
  const own = answerFiles.filter((name) => files.includes(name))
  if (own.length > 1) return { problem: `there are both ${own.join(' and ')}: keep one` }
  if (own.length === 1) {
    try {
      return { answers: readAnswers(own[0], readFileSync(join(folder, own[0]))) }
    } catch (error) {
      const { message } = error as Error
      return { problem: message.startsWith(own[0]) ? message : `${own[0]}: ${message}` }
    }
  }
  // A program may write its answers beside the questions.
  if (files.length === 0 || files.includes('case.json')) return null
  return { problem: `there is ${files.join(', ')}, expected ${answerFiles.join(' or ')}` }
}

/** Every folder below `root` with the names of its files, in the order of their paths. */
function* foldersBelow(root: string, id: string): Generator<{ id: string; files: string[] }> {
  const entries = readdirSync(join(root, id), { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  if (id !== '') yield { id, files }
  for (const { name } of entries
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1)))
    yield* foldersBelow(root, id === '' ? name : `${id}/${name}`)
}

/** What a program wrote below a folder, by case: `<case>/outputs.safetensors` or `<case>/outputs.npz`. */
export function readOutputs(folder: string): Map<string, Given> {
  const found = new Map<string, Given>()
  if (!existsSync(folder)) throw new PackError(`there is no folder ${folder}`)
  for (const { id, files } of foldersBelow(folder, '')) {
    const given = givenIn(join(folder, id), files)
    if (given !== null) found.set(id, given)
  }
  return found
}
