/** Numbers as a learner gets and gives them: a number, or lists of lists of them. */
export type Nested = number | readonly Nested[]

/** What a function of a learner is called with. */
export type Inputs = Readonly<Record<string, Nested>>

/** What it must give. */
export type Outputs = Readonly<Record<string, Nested>>

/** One set of inputs, with what the library gives for them. */
export interface Case {
  readonly name: string
  readonly inputs: Inputs
  readonly expected: Outputs
  /** The slope of Σ dy·y by one number of an input, by central differences; for what has a forward pass. */
  readonly slope?: (output: string, index: readonly number[]) => number
}

/** A known mistake, as a change of the solution. */
export interface Mistake {
  /** What a learner who made it is told: "the kernel is not turned". */
  readonly says: string
  /** Text that occurs once in the solution. */
  readonly find: string
  readonly replace: string
}

/** A backward pass (or a step) to write. */
export interface Exercise {
  readonly id: string
  readonly title: string
  /** What to write, with the shapes. */
  readonly task: string
  /** The types of the inputs and outputs, in their order. */
  readonly inputs: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
  /** From the vague to the plain. */
  readonly hints: readonly string[]
  /** The body of the function: both JavaScript and TypeScript. */
  readonly solution: string
  readonly mistakes: readonly Mistake[]
  /** Inputs drawn from a seed; no two extents alike. */
  cases(seed: number): readonly Case[]
  /** For `find the bug`: what is in the file that one is given. */
  readonly broken?: string
  /** Then also of which exercise it is, and which of its mistakes. */
  readonly bug?: { readonly of: string; readonly mistake: number }
}

/**
 * The solution with a mistake in it.
 * @throws Error when the text is not there exactly once.
 */
export function withMistake(
  { id, solution }: Pick<Exercise, 'id' | 'solution'>,
  { says, find, replace }: Mistake,
): string {
  if (solution.split(find).length !== 2) throw new Error(`${id}: '${says}' no longer applies: ${find}`)
  return solution.replace(find, () => replace)
}

/** An exercise to find one of the known mistakes of another, by its place. */
export function bugOf(exercise: Exercise, at: number, number: number): Exercise {
  const mistake = exercise.mistakes[at]
  return {
    ...exercise,
    id: `bug-${String(number).padStart(2, '0')}`,
    title: `Find the bug: ${exercise.title}`,
    task: `${exercise.task}\nThe code below has one mistake. Find it, and mend it.`,
    hints: [...exercise.hints, `The mistake: ${mistake.says}.`],
    broken: withMistake(exercise, mistake),
    bug: { of: exercise.id, mistake: at },
  }
}

const fields = (types: Readonly<Record<string, string>>): string =>
  Object.entries(types)
    .map(([name, type]) => `${name}: ${type}`)
    .join('; ')

const NOT_WRITTEN = "throw new Error('not written yet')"

/** A whole file around a body; without types where `typed` is false. */
export function fileOf(exercise: Exercise, body: string, typed: boolean): string {
  const { id, title, task, inputs, outputs } = exercise
  const comment = [`${title} (handgrad exercise check ${id})`, '', ...task.split('\n')]
  const names = `{ ${Object.keys(inputs).join(', ')} }`
  const head = typed ? `${names}: { ${fields(inputs)} }): { ${fields(outputs)} }` : `${names})`
  return [
    ...comment.map((line) => `// ${line}`.trimEnd()),
    '',
    `export function solve(${head} {`,
    ...body.split('\n').map((line) => (line === '' ? '' : `  ${line}`)),
    '}',
    '',
  ].join('\n')
}

/** The file that a learner starts from. */
export const stubOf = (exercise: Exercise, typed: boolean): string =>
  fileOf(exercise, exercise.broken ?? NOT_WRITTEN, typed)
