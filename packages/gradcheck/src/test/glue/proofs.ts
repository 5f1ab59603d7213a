import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe } from 'vitest'
import { describeProof } from '../../vitest/index.ts'
import { type Bench, bench, brokenBench } from '../bench.ts'
import { writeFixture } from '../fixture-files.ts'

const root = process.env['HANDGRAD_GLUE']!

/** Proves specs whose folders and fixtures are written first; a fixture that is null is left out. */
function prove(
  title: string,
  benches: Readonly<Record<string, Bench | null>>,
  { atLeast = 1, apart = {}, folders = [] as string[] } = {},
): void {
  const [src, fixtures] = ['src', 'fixtures'].map((name) => join(root, title.replaceAll(' ', '-'), name))
  const all = Object.entries(benches)
  for (const name of [...all.map(([folder]) => folder), ...folders])
    mkdirSync(join(src, name), { recursive: true })
  for (const [folder, made] of all) if (made !== null) writeFixture(join(fixtures, folder), made.fixture)
  const camelCase = (folder: string): string =>
    folder.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const specs = Object.fromEntries(
    all.map(([folder, made]) => [camelCase(folder), { ...(made ?? bench()).spec, name: camelCase(folder) }]),
  )
  const url = (path: string): URL => pathToFileURL(`${path}/`)
  describe(title, () => {
    describeProof({ specs, src: url(src), fixtures: url(fixtures), atLeast, apart })
  })
}

/** The same spec with its name in place: the name is part of each tensor's seed. */
const named = (name: string, make: (name: string) => Bench): Bench => make(name)

const right = (name: string): Bench => bench({ name })
const wrongCase = (name: string): Bench =>
  brokenBench(
    (layer) => {
      if (layer.w.dtype === 'float64') return
      const forward = layer.forward.bind(layer)
      layer.forward = (x) => {
        const y = forward(x)
        if (x.shape[0] === 5) y.data[7] += 1
        return y
      }
    },
    { name },
  )
const { errors } = { errors: [{ name: 'odd', args: [3], message: 'no' }] }

prove(
  'right',
  { 'all-right': named('allRight', right) },
  { folders: ['apart'], apart: { apart: 'no layer' } },
)
prove('wrong', {
  'wrong-case': named('wrongCase', wrongCase),
  lenient: named('lenient', (name) => bench({ name, errors })),
  rare: named('rare', (name) => bench({ name, cases: bench().spec.cases.slice(0, 2) })),
  extra: named('extra', (name) => {
    const { spec, fixture } = bench({ name })
    return { spec: { ...spec, cases: spec.cases.slice(0, 2), derivation: null }, fixture }
  }),
  bare: null,
})
prove('too few', { one: named('one', right) }, { atLeast: 2 })
prove('left out', { two: named('two', right) }, { folders: ['three'] })
