import { describeValue } from './describe.ts'

/**
 * The names of an interface's options, in the order of torch's arguments: the compiler demands every one. What stands
 * behind them says nothing: `{ lr: null, momentum: null }`.
 */
export type OptionNames<Options> = Readonly<Record<keyof Options, unknown>>

/**
 * Refuses what is no object of options, an option that does not exist, and anything behind the options.
 *
 * The options are `args[at]`: `checkOptions('SGD', optionNames, arguments, 1)`.
 * @throws TypeError that names what came and suggests what may have been meant.
 */
export function checkOptions(
  owner: string,
  names: Readonly<Record<string, unknown>>,
  args: ArrayLike<unknown>,
  at: number,
): void {
  const options = args[at]
  const known = Object.keys(names)
  if (options !== undefined && !isOptions(options, known)) {
    const wanted = known.length === 0 ? 'no option' : `an object of options${example(known, args, at)}`
    throw new TypeError(`${owner}: argument ${at + 1} is ${describeValue(options)}, expected ${wanted}`)
  }
  if (args.length > at + 1) {
    const came = describeValue(args[at + 1])
    throw new TypeError(`${owner}: argument ${at + 2} is ${came}, expected nothing behind the options`)
  }
  const odd = Object.keys(options ?? {}).filter((name) => !known.includes(name))
  if (odd.length > 0) throw new TypeError(`${owner}: ${odd.map((name) => unknown(name, known)).join('; ')}`)
}

/** An object literal of any realm, or an instance that has options and nothing else. */
function isOptions(value: unknown, known: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return true
  const own = Object.keys(value)
  return own.length > 0 && own.every((name) => known.includes(name))
}

/** What the arguments would be as options, as if they were torch's: `, as { stride: 2, padding: 1 }`. */
function example(known: readonly string[], args: ArrayLike<unknown>, at: number): string {
  const members = known.flatMap((name, i) => {
    const value = args[at + i]
    return value === undefined ? [] : [`${name}: ${literal(value)}`]
  })
  return `, as { ${members.join(', ')} }`
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return value.length > 4 ? '…' : `[${value.map(literal).join(', ')}]`
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? '…'
    : describeValue(value)
}

function unknown(name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  const all = known.length === 0 ? 'it takes none' : `options: ${known.join(', ')}`
  return `there is no option ${name}${meant === undefined ? '' : `, did you mean ${meant}?`} (${all})`
}

const letters = (name: string): string => name.replaceAll(/[^a-z0-9]/gi, '').toLowerCase()

/** `weightDecay`, `weight_decay` → `wd`. */
function initials(name: string): string {
  const words = name.match(/[A-Z]?[a-z0-9]+|[A-Z]+/g) ?? []
  return words.map((word) => word[0].toLowerCase()).join('')
}

/** The option that `name` may stand for: spelt in torch's way, by its initials, in part, or with a slip. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const given = letters(name)
  const find = (fits: (option: string) => boolean): string | undefined =>
    known.find((option) => fits(letters(option)))
  return (
    find((option) => option === given) ??
    known.find((option) => initials(option) === given || initials(name) === letters(option)) ??
    find(
      (option) => given.length > 2 && option.length > 2 && (option.includes(given) || given.includes(option)),
    ) ??
    // mutant: swapped arguments is equivalent because the distance is the same both ways
    find((option) => slips(given, option) <= Math.min(2, option.length / 2))
  )
}

/** How many letters must be put in, left out or exchanged to make `b` of `a` (Levenshtein's distance). */
function slips(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j] + Number(a[i] !== b[j]), row[j + 1] + 1, next[j] + 1))
    }
    row = next
  }
  return row[b.length]
}
