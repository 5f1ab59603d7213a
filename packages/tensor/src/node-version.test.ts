import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => void vi.resetModules())
afterEach(() => vi.unstubAllGlobals())

const importOn = (process: unknown): Promise<unknown> => {
  vi.stubGlobal('process', process)
  return import('./node-version.ts')
}

test('a Node that is too old is told so in one line', async () => {
  for (const node of ['18.20.8', '19.9.0', '8.17.0']) {
    vi.resetModules()
    await expect(importOn({ versions: { node } })).rejects.toThrow(
      new Error(`handgrad needs Node 20 or newer; this is Node ${node}`),
    )
  }
})

test('Node 20, newer ones and pages are welcome', async () => {
  const pages = [undefined, {}, { versions: {} }]
  for (const process of [{ versions: { node: '20.0.0' } }, { versions: { node: '100.1.0' } }, ...pages]) {
    vi.resetModules()
    await expect(importOn(process)).resolves.toBeDefined()
  }
})

test('it comes before everything else', async () => {
  const stop = importOn({ versions: { node: '18.0.0' } })
  await expect(stop).rejects.toThrow('Node 20')
  vi.stubGlobal('crypto', undefined)
  await expect(import('./index.ts')).rejects.toThrow('handgrad needs Node 20 or newer; this is Node 18.0.0')
})
