import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '@handgrad/tensor'
import { root } from './source.ts'

/**
 * The version of PyTorch that computed the golden values of a folder of fixtures.
 * @throws Error where they do not say it.
 */
export function torchOf(folder: string): string {
  const { metadata } = readSafetensors(readFileSync(join(root, 'fixtures', folder, 'golden.safetensors')))
  const torch = metadata?.['torch']
  if (torch === undefined)
    throw new Error(`the golden values of ${folder} do not say which PyTorch made them`)
  return torch
}
