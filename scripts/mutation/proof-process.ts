import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import {
  countLines,
  huntLines,
  huntValues,
  loadSpec,
  readFixture,
  specPlaces,
} from '../../packages/gradcheck/src/node/index.ts'
import { answerAll } from './asked-process.ts'
import type { ProofAnswer, ProofQuestion } from './judge-proof.ts'
import type { Judged } from './outcome.ts'

const root = pathToFileURL(`${process.cwd()}/`)

const caught = (message: string): Judged['outcome'] => ({ kind: 'caught', by: 'the proof', message })
const survived: Judged['outcome'] = { kind: 'survived', by: 1, left: [] }

/** Small changes of a derivation's lines. */
function lines(
  file: string,
  spec: Parameters<typeof huntLines>[0],
  fixtures: URL,
  count: number,
): ProofAnswer {
  const all = countLines(spec)
  const { changed, survivors } = huntLines(spec, readFixture(fixtures), Math.max(1, Math.floor(all / count)))
  const source = readFileSync(new URL(file, root), 'utf8').split('\n')
  const lost = survivors.map(({ id, change, equation }) => ({
    file,
    line: source.findIndex((line) => line.includes(`'${id}'`)) + 1,
    operator: 'equation',
    change: `${change}: ${equation}`,
    outcome: survived,
    reason: null,
  }))
  const one = { file, line: 1, operator: 'equation', change: '', outcome: caught('named'), reason: null }
  const named = Array.from({ length: changed - survivors.length }, () => one)
  return { all, judged: [...lost, ...named] }
}

answerAll(async ({ file, count, seed }: ProofQuestion): Promise<ProofAnswer> => {
  const place = specPlaces(root).find(
    ({ source, fixtures }) => file.startsWith(`${source}/`) || file.startsWith(`${fixtures}/`),
  )
  if (place === undefined) throw new Error(`no spec has ${file}`)
  const { spec } = await loadSpec(place, root)
  const fixtures = new URL(`${place.fixtures}/`, root)
  if (file.endsWith('.ts')) return lines(file, spec, fixtures, count)
  const fixture = readFixture(fixtures)
  const all = [...Object.values(fixture.golden), ...Object.values(fixture.inputs)].reduce(
    (sum, { data }) => sum + data.length,
    0,
  )
  const found = huntValues(spec, fixture, count, seed)
  const judged = found.map(({ change, message }) => ({
    file,
    line: 1,
    operator: 'stored number',
    change,
    outcome: message === null ? survived : caught(message),
    reason: null,
  }))
  return { all, judged }
})
