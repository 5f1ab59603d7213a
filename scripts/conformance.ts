import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { behaviours } from '../apps/cli/src/conformance/behaviours.ts'
import { Asked, libraries } from '../apps/cli/src/conformance/library.ts'
import { type Column, RESULTS_SCHEMA, type Results } from '../apps/cli/src/conformance/results.ts'
import { columnOf } from '../apps/cli/src/conformance/run.ts'
import { loadedCases, packSources } from '../packages/gradcheck/src/node/index.ts'
import { programOf } from './conformance-python.ts'

/**
 * Asks other libraries what they do at the edges, and runs the golden cases on them: bench/conformance/ has an adapter for
 * each; `bench/package.json`, `bench/conformance/requirements-*.txt` and, for PyTorch, `fixtures/requirements.txt` have
 * their versions, which are installed when they are missing. Where that cannot be, or where a library cannot be run
 * (torch.compile needs a C++ compiler), its committed column stays, with its date.
 *
 *     pnpm conformance [--only <library>] [--save]      HANDGRAD_PYTHON=<a Python that has PyTorch>
 *
 * `--save` writes bench/conformance/results.json, from which the site's page is made; columns of libraries that were not
 * asked stay as they are there. Checks of its own: a column is what it was, and an adapter is right in something.
 */
const root = join(import.meta.dirname, '..')
const file = join(root, 'bench/conformance/results.json')
const { values } = parseArgs({ options: { only: { type: 'string' }, save: { type: 'boolean' } } })
const only = (values.only ?? '').toLowerCase()
const called = libraries.filter(({ name }) => name.toLowerCase() === only)
const wanted = called.length > 0 ? called : libraries.filter(({ name }) => name.toLowerCase().includes(only))
if (wanted.length === 0) {
  console.error(
    `error: --only: no library is called '${values.only}': ${libraries.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}
if (wanted.some(({ from }) => from === 'npm') && !existsSync(join(root, 'bench/node_modules/@tensorflow')))
  execFileSync(process.execPath, [join(root, 'scripts/bench-setup.ts'), '--no-python'], { stdio: 'inherit' })

const before: Results = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as Results)
  : { schema: RESULTS_SCHEMA, rows: [], libraries: {} }
const rows = behaviours()
const sources = await packSources(pathToFileURL(`${root}/`))
const cases = sources.flatMap((source) => loadedCases(source, ['float32']))

const failures: string[] = []
let passed = 0
const check = (holds: boolean, what: string): void => {
  if (holds) passed++
  else failures.push(what)
}
const known = new Set(cases.map(({ about }) => about.id))
for (const { id, reference } of rows)
  if ('golden' in reference.by)
    check(known.has(reference.by.golden), `${id}: there is no golden case ${reference.by.golden}`)

/** A layer that never agrees, in no case at all, was not asked rightly. */
function isRightSomewhere(name: string, { cases: folders }: Omit<Column, 'date'>): void {
  for (const folder of ['relu', 'max-pool2d', 'conv2d', 'linear', 'flatten']) {
    const { right, wrong } = folders[folder] ?? { right: 0, wrong: 0 }
    if (right + wrong > 0) check(right > 0, `${name} is right in no case of ${folder}: is its adapter?`)
  }
}

/** What is another one now: the version, a row, or a folder of golden cases. */
function changes(now: Omit<Column, 'date'>, old: Partial<Column>): string[] {
  const parts = ['cells', 'cases'] as const
  const other = parts.flatMap((part) => {
    const names = new Set([...Object.keys(now[part]), ...Object.keys(old[part] ?? {})])
    return [...names].filter((name) => !isDeepStrictEqual(now[part][name], old[part]?.[name]))
  })
  return now.version === old.version ? other : [`the version, now ${now.version}`, ...other]
}

const columns: Record<string, Column> = { ...before.libraries }
for (const library of wanted) {
  let asked: Asked
  try {
    asked = await Asked.start(library, programOf(library))
  } catch (error) {
    const old = before.libraries[library.name]
    const kept = old === undefined ? 'it has no column' : `its column is that of ${old.date}`
    console.log(`${library.name} cannot be run here: ${(error as Error).message}; ${kept}`)
    continue
  }
  const found = await columnOf(asked, rows, cases, library).finally(() => asked.close())
  const { date: since, ...old } = before.libraries[library.name] ?? { date: '' }
  const now = JSON.parse(JSON.stringify(found)) as Omit<Column, 'date'>
  const same = isDeepStrictEqual(now, old)
  if (since !== '' && values.save !== true)
    check(
      same,
      `${library.name} says other things than on ${since} (--save keeps them): ${changes(now, old).join(', ')}`,
    )
  isRightSomewhere(library.name, found)
  // PyTorch itself must say what it documents: whatever its version, it is the measure. Its other ways to run may not.
  if (library.name === 'PyTorch')
    for (const [id, { verdict }] of Object.entries(found.cells))
      check(
        verdict === 'same',
        `${id}: ${library.name} ${found.version} says something else than its documentation`,
      )
  columns[library.name] = { ...found, date: same ? since : new Date().toISOString().slice(0, 10) }
  const count = (verdict: string): number =>
    Object.values(found.cells).filter((cell) => cell.verdict === verdict).length
  const verdicts = ['same', 'other', 'not offered', 'error']
    .map((verdict) => `${count(verdict)} ${verdict}`)
    .join(', ')
  const scores = Object.entries(found.cases)
    .filter(([, { right, wrong, errors }]) => right + wrong + errors > 0)
    .map(
      ([folder, { right, wrong, errors }]) =>
        `${folder} ${right}/${right + wrong}${errors > 0 ? ` (${errors} errors)` : ''}`,
    )
  console.log(`${library.name} ${found.version}: ${verdicts}; ${scores.join(', ')}`)
}

if (values.save === true) {
  const order = libraries.map(({ name }) => name).filter((name) => columns[name] !== undefined)
  const results: Results = {
    schema: RESULTS_SCHEMA,
    rows,
    libraries: Object.fromEntries(order.map((name) => [name, columns[name]])),
  }
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`)
}
for (const failure of failures) console.error(failure)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1
