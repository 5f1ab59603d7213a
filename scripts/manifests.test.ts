import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const folders = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'apps/cli']
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Manifest {
  readonly private?: boolean
  readonly name: string
  readonly version: string
  readonly description: string
  readonly keywords: string[]
  readonly license: string
  readonly repository: object
  readonly engines: object
  readonly files: string[]
  readonly exports: Record<string, unknown>
  readonly publishConfig: { access: string; exports?: Record<string, unknown> }
}

const manifestOf = (folder: string): Manifest => JSON.parse(read(`${folder}/package.json`)) as Manifest
const { version } = manifestOf('packages/tensor')

describe.each(folders)('%s', (folder) => {
  it('has one version with the others, and a changelog that begins with it', () => {
    const { name, version: own } = manifestOf(folder)
    expect(own).toBe(version)
    const title = name === 'cli' ? 'handgrad' : name
    expect(read(`${folder}/CHANGELOG.md`)).toMatch(
      new RegExp(`^# ${title}\n\n## ${version.replaceAll('.', '\\.')}\n`),
    )
  })

  it('has a README that begins with its name and has an example', () => {
    const { name } = manifestOf(folder)
    const readme = read(`${folder}/README.md`)
    expect(readme.split('\n')[0]).toBe(`# ${name === 'cli' ? 'handgrad' : name}`)
    expect(readme).toMatch(/^```(js|ts|sh)\n/m)
  })
})

describe.each(folders.filter((folder) => !manifestOf(folder).private))('%s', (folder) => {
  const manifest = manifestOf(folder)

  it('says what it is, where it is from and which Node it needs', () => {
    expect(manifest).toMatchObject({
      description: expect.stringMatching(/^.{20,}[^.]$/),
      license: 'MIT',
      engines: { node: '>=20' },
      repository: { type: 'git', url: 'git+https://github.com/handgrad/handgrad.git', directory: folder },
      publishConfig: { access: 'public' },
    })
    expect(manifest.keywords).toContain('handgrad')
    expect(manifest.keywords.length).toBeGreaterThanOrEqual(5)
    expect(manifest.files).toContain('CHANGELOG.md')
  })

  it('publishes every entry that it has in the repository', () => {
    if (!existsSync(join(root, folder, 'tsconfig.build.json'))) return
    expect(Object.keys(manifest.publishConfig.exports!)).toEqual(Object.keys(manifest.exports))
  })
})
