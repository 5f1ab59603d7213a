import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { end, example, isMissing, libraries, nodes, numbers, output, rootExample, tool } from './tools.ts'

const packed = inject('packed')
const installed = join(packed, '24/node_modules')

const entries = [
  ...libraries.map((name) => `@handgrad/${name}`),
  '@handgrad/gradcheck/node',
  '@handgrad/gradcheck/vitest',
]
const imports = entries.map((name, i) => `import * as all${i} from '${name}'\nexport { all${i} }\n`).join('')

/** What a strict user asks of types that others wrote. */
const strict = {
  strict: true,
  skipLibCheck: false,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  target: 'ES2022',
}

/** A project with all the examples, as TypeScript. */
function project(options: object): string {
  const folder = mkdtempSync(join(packed, '24/types-'))
  const sources = Object.fromEntries(
    libraries.map((name) => [name, example(join(installed, '@handgrad', name, 'README.md'))]),
  )
  const all = { ...sources, readme: rootExample(), entries: imports }
  for (const [name, code] of Object.entries(all)) writeFileSync(join(folder, `${name}.ts`), code)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  const tsconfig = { compilerOptions: { ...strict, outDir: 'out', ...options } }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  return folder
}

const tsc = (version: string, folder: string): { status: number | null; stdout: string } =>
  end(process.execPath, [tool(`typescript-${version}/bin/tsc`), '-p', folder], folder)

const resolutions = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'esnext', moduleResolution: 'bundler' },
]

describe.each(['5.4', '5.9', '6.0', '7.0'])('TypeScript %s', (version) => {
  it.each(resolutions)('compiles all of it under $moduleResolution, in a page', (resolution) => {
    const folder = project({ ...resolution, lib: ['ES2022', 'DOM'], types: [] })
    const { status, stdout } = tsc(version, folder)
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })
})

it('compiles with the types of Node and without those of a page', () => {
  const folder = project({ ...resolutions[0], lib: ['ES2022'], types: ['node'] })
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  symlinkSync(tool('@types/node'), join(folder, 'node_modules/@types/node'), 'junction')
  expect(tsc('5.9', folder)).toMatchObject({ status: 0, stdout: '' })
})

it('what does not fit is refused', () => {
  const folder = project({ ...resolutions[0], lib: ['ES2022', 'DOM'], types: [], noEmit: true })
  writeFileSync(
    join(folder, 'wrong.ts'),
    "import { Linear } from '@handgrad/layers'\nnew Linear('five', 4)\nnew Linear(5, 4, { biass: true })\n",
  )
  const { status, stdout } = tsc('5.4', folder)
  expect(status).not.toBe(0)
  expect(stdout.match(/error TS\d+/g)).toEqual(['error TS2345', 'error TS2561'])
})

it('the example runs in TypeScript: compiled on Node 20, and as it is on Node 24', () => {
  const folder = project({ ...resolutions[0], lib: ['ES2022', 'DOM'], types: [] })
  expect(tsc('5.4', folder)).toMatchObject({ status: 0 })
  const losses = numbers(output(nodes['24'].path!, ['readme.ts'], folder))
  expect(losses).toHaveLength(5)
  expect(losses[4]).toBeLessThan(losses[0])
  if (isMissing(nodes['20'])) return
  const older = join(packed, '20/compiled')
  cpSync(join(folder, 'out'), older, { recursive: true })
  const onOlder = numbers(output(nodes['20'].path!, ['readme.js'], older))
  for (const [i, loss] of losses.entries()) expect(onOlder[i]).toBeCloseTo(loss, 4)
})
