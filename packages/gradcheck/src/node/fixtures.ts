import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSafetensors } from '@handgrad/tensor'
import type { FixtureFile } from '../fixture.ts'
import type { Fixture } from '../result.ts'

/**
 * Reads the fixtures of one folder: `cases.json`, `inputs.safetensors` and `golden.safetensors`.
 * @throws Error that says how to export when one of them is missing.
 */
export function readFixture(folder: string | URL): Fixture {
  const read = (name: string): Uint8Array => {
    const path = join(folder instanceof URL ? fileURLToPath(folder) : folder, name)
    if (!existsSync(path)) throw new Error(`${path} is missing; run \`pnpm fixtures:export\``)
    return readFileSync(path)
  }
  const golden = readSafetensors(read('golden.safetensors'))
  const { hashes, errors } = golden.metadata ?? {}
  return {
    file: JSON.parse(new TextDecoder().decode(read('cases.json'))) as FixtureFile,
    inputs: readSafetensors(read('inputs.safetensors')).tensors,
    golden: golden.tensors,
    goldenHashes: JSON.parse(hashes ?? '{}') as Record<string, string>,
    torchErrors: JSON.parse(errors ?? '{}') as Record<string, string | null>,
  }
}
