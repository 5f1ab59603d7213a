import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { saveSafetensors, tensor } from '@handgrad/tensor'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bench } from '../test/bench.ts'
import { writeFixture } from '../test/fixture-files.ts'
import { BundleError } from '../verify/bundle.ts'
import { readBundle } from './bundle.ts'
import { readFixture } from './fixtures.ts'
import { loadSpec, specPlaces } from './places.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'handgrad-node-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

describe('a fixture', () => {
  it('is read from its three files, by path or address', () => {
    const { fixture } = bench()
    const path = folder()
    writeFixture(path, fixture)
    const expected = { ...fixture, torchErrors: { odd: 'torch says no' } }
    expect(readFixture(path)).toEqual(expected)
    expect(readFixture(pathToFileURL(`${path}/`))).toEqual(expected)
  })

  it.each(['cases.json', 'inputs.safetensors', 'golden.safetensors'])('without %s is refused', (name) => {
    const path = folder()
    writeFixture(path, bench().fixture)
    rmSync(join(path, name))
    expect(() => readFixture(path)).toThrow(
      new Error(`${join(path, name)} is missing; run \`pnpm fixtures:export\``),
    )
  })

  it('whose golden values say nothing of hashes has none', () => {
    const path = folder()
    writeFixture(path, bench().fixture)
    writeFileSync(join(path, 'golden.safetensors'), saveSafetensors({ x: tensor([1]) }))
    expect(readFixture(path)).toMatchObject({ goldenHashes: {}, torchErrors: {} })
  })
})

describe('a bundle', () => {
  it.each(['bundle.json', 'tensors.safetensors'])('without %s is refused', (name) => {
    const path = folder()
    writeFileSync(join(path, 'bundle.json'), '{}')
    writeFileSync(join(path, 'tensors.safetensors'), saveSafetensors({ x: tensor([1]) }))
    rmSync(join(path, name))
    expect(() => readBundle(path)).toThrow(new BundleError(`cannot read ${join(path, name)}`))
  })
})

describe('the specs of a repository', () => {
  it('are in the folders of its packages, in order, and nowhere else', async () => {
    const root = folder()
    const write = (path: string, text: string): void => {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    write('packages/b/src/relu/spec.ts', 'export const spec = { name: "ReLU" }')
    write('packages/a/src/conv2d/spec.ts', 'export const spec = { name: "Conv2d" }')
    write('packages/a/src/deep/er/spec.ts', '')
    write('packages/a/test/x/spec.ts', '')
    write('packages/a/src/linear/other.ts', '')
    const url = pathToFileURL(`${root}/`)
    const places = specPlaces(url)
    expect(places).toEqual([
      { source: 'packages/a/src/conv2d', fixtures: 'fixtures/conv2d' },
      { source: 'packages/b/src/relu', fixtures: 'fixtures/relu' },
    ])
    expect(await loadSpec(places[1], url)).toEqual({ place: places[1], spec: { name: 'ReLU' } })
  })
})
