import { type DType, formatShape, sameShape, type Tensor } from '@handgrad/tensor'
import { largest } from '../allowance.ts'
import { findWorst, formatWorst, maxError, type Worst } from '../compare.ts'
import type { PackCase, PackOutput } from '../pack/layout.ts'
import { type Precision, ulp } from '../ulp.ts'
import type { Answer } from './answers.ts'
import { type Candidate, candidates, lookalike, type Suspect } from './lookalike.ts'

/** A case of a pack with its tensors. */
export interface LoadedCase {
  readonly about: PackCase
  readonly inputs: Readonly<Record<string, Tensor<DType>>>
  /** The golden tensors in float64 by name. */
  readonly expected: Readonly<Record<string, Tensor>>
  /** By name where it differs: by how many float32 numbers PyTorch's own float32 is another. */
  readonly steps: Readonly<Record<string, Tensor<'int32'>>>
}

/** What a program gave for a case, or why it cannot be read. */
export type Given = { readonly answers: Readonly<Record<string, Answer>> } | { readonly problem: string }

/** One tensor of one case. */
export interface JudgedTensor {
  readonly case: string
  readonly tensor: string
  readonly dtype: Precision
  readonly shape: readonly number[]
  /** `not judged` where the pack states no tolerance in that type. */
  readonly verdict: 'right' | 'WRONG' | 'not judged'
  /** What it is instead of computed: `all zero`. */
  readonly vacuous: string | null
  /** The element that is furthest outside what is allowed; null where none is. */
  readonly worst: Worst | null
  /** The largest error in ULP of the largest true value, in the type of the answer. */
  readonly ulps: number
  /** What an element may be away from the float64 value. */
  readonly allowed: number | null
}

/** What {@link verifyOutputs} found. */
export interface OutputsReport {
  readonly passed: boolean
  readonly tensors: readonly JudgedTensor[]
  /** What is wrong by case, one line each. */
  readonly problems: Readonly<Record<string, readonly string[]>>
  /** Cases of the pack for which nothing was given. */
  readonly notOffered: readonly string[]
}

/** Which tensors are asked for. */
export interface OutputsOptions {
  /** Only `y` and what begins with `buffer.`: for programs that only run forwards. */
  readonly forward?: boolean
}

const isForward = ({ name }: PackOutput): boolean => name === 'y' || name.startsWith('buffer.')

interface Asked {
  readonly loaded: LoadedCase
  readonly output: PackOutput
  readonly answer: Answer
}

/** The golden values of all other cases and what was given for them, by tensor and number of elements. */
class Others {
  private readonly known = new Map<string, { id: string; candidate: Candidate }[]>()

  constructor(cases: readonly LoadedCase[], given: ReadonlyMap<string, Given>) {
    for (const { about, expected } of cases) {
      const own = given.get(about.id)
      for (const { name } of about.outputs) {
        this.put(name, about.id, { called: `the answer of ${about.id}`, values: expected[name].data })
        const answer = own !== undefined && 'answers' in own ? own.answers[name] : undefined
        if (answer !== undefined)
          this.put(name, about.id, { called: `what was given for ${about.id}`, values: answer.tensor.data })
      }
    }
  }

  private put(name: string, id: string, candidate: Candidate): void {
    const key = `${name} ${candidate.values.length}`
    const list = this.known.get(key)
    if (list === undefined) this.known.set(key, [{ id, candidate }])
    else list.push({ id, candidate })
  }

  *of({ loaded, output }: Asked): Generator<Candidate> {
    const count = loaded.expected[output.name].data.length
    for (const { id, candidate } of this.known.get(`${output.name} ${count}`) ?? [])
      if (id !== loaded.about.id) yield candidate
  }
}

/** The case and the numbers in a line, or null where nothing is wrong. */
function judge(asked: Asked, others: Others): { row: JudgedTensor; problem: string | null } {
  const { loaded, output, answer } = asked
  const { tensor: got, dtype } = answer
  const golden = loaded.expected[output.name]
  const allowed = output.allowed[dtype] ?? null
  const fits = sameShape(got.shape, golden.shape)
  const worst = fits && allowed !== null ? findWorst(got, golden, () => allowed, dtype) : null
  const wrong = !fits || worst !== null
  const suspect: Suspect = { got, dtype, golden, allowed, wrong }
  const known = (function* (): Generator<Candidate> {
    yield* candidates(suspect, loaded.inputs)
    yield* others.of(asked)
  })()
  const vacuous = lookalike(suspect, known)
  const unit = ulp(largest(golden), dtype)
  const row: JudgedTensor = {
    case: loaded.about.id,
    tensor: output.name,
    dtype,
    shape: got.shape,
    verdict: wrong || vacuous !== null ? 'WRONG' : allowed === null ? 'not judged' : 'right',
    vacuous,
    worst,
    ulps: fits ? maxError(got.data, golden.data) / unit : Number.POSITIVE_INFINITY,
    allowed,
  }
  return { row, problem: describe(row, output, golden) }
}

function describe(
  { verdict, dtype, shape, vacuous, worst }: JudgedTensor,
  output: PackOutput,
  golden: Tensor,
): string | null {
  if (verdict !== 'WRONG') return null
  const parts: string[] = []
  if (!sameShape(shape, golden.shape))
    parts.push(`has shape ${formatShape(shape)}, expected ${formatShape(golden.shape)}`)
  if (vacuous !== null) parts.push(`is ${vacuous}, which the expected values are not`)
  if (worst !== null) parts.push(formatWorst(worst))
  const single = output.allowed.float32
  const meant = dtype === 'float64' && worst !== null && single !== undefined && worst.error <= single
  const hint = meant ? `; right in float32: write float32, or compute in float64` : ''
  return `${output.name} (${dtype}) ${parts.join('; ')}${hint}`
}

function judgeCase(
  loaded: LoadedCase,
  given: Given,
  others: Others,
  { forward = false }: OutputsOptions,
): { rows: JudgedTensor[]; problems: string[] } {
  if ('problem' in given) return { rows: [], problems: [given.problem] }
  const wanted = loaded.about.outputs.filter((output) => !forward || isForward(output))
  const rows: JudgedTensor[] = []
  const problems: string[] = []
  for (const output of wanted) {
    const answer = Object.hasOwn(given.answers, output.name) ? given.answers[output.name] : undefined
    if (answer === undefined) {
      problems.push(`${output.name} is missing`)
      continue
    }
    const { row, problem } = judge({ loaded, output, answer }, others)
    rows.push(row)
    if (problem !== null) problems.push(problem)
  }
  const known = loaded.about.outputs.map(({ name }) => name)
  const extra = Object.keys(given.answers).filter((name) => !known.includes(name))
  if (extra.length > 0)
    problems.push(`there is no ${extra.join(', ')} in this case: expected ${known.join(', ')}`)
  return { rows, problems }
}

/**
 * Compares what a program gave for the cases of a pack with their golden values, each tensor within the tolerance that the
 * case states for its type. What nobody needs to compute for (zeros, an input, another case's answer, the right answer with
 * its axes turned) is refused by name, unless the golden value is that itself.
 */
export function verifyOutputs(
  cases: Iterable<LoadedCase>,
  given: ReadonlyMap<string, Given>,
  options: OutputsOptions = {},
): OutputsReport {
  const all = [...cases]
  const others = new Others(all, given)
  const tensors: JudgedTensor[] = []
  const problems: Record<string, readonly string[]> = {}
  const notOffered: string[] = []
  for (const loaded of all) {
    const { id } = loaded.about
    const own = given.get(id)
    if (own === undefined) {
      notOffered.push(id)
      continue
    }
    const found = judgeCase(loaded, own, others, options)
    tensors.push(...found.rows)
    if (found.problems.length > 0) problems[id] = found.problems
  }
  const known = new Set(all.map(({ about }) => about.id))
  for (const id of given.keys()) if (!known.has(id)) problems[id] = ['the pack has no such case']
  return { passed: Object.keys(problems).length === 0 && tensors.length > 0, tensors, problems, notOffered }
}
