import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { saveSafetensors } from '@handgrad/tensor'
import type { Fixture } from '../result.ts'

/** Writes a fixture as the exporter would: `cases.json`, `inputs.safetensors`, `golden.safetensors`. */
export function writeFixture(folder: string, { file, inputs, golden, goldenHashes }: Fixture): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(file))
  writeFileSync(join(folder, 'inputs.safetensors'), saveSafetensors(inputs))
  const metadata = { hashes: JSON.stringify(goldenHashes), errors: '{"odd":"torch says no"}' }
  writeFileSync(join(folder, 'golden.safetensors'), saveSafetensors(golden, metadata))
}
