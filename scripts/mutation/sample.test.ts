import { describe, expect, test } from 'vitest'
import { claimFor, claimsOf, wrongClaims } from './equivalents.ts'
import { describe as lineOf, mistakesOf } from './mutants.ts'
import { sample } from './sample.ts'

const source = Array.from({ length: 40 }, (_, i) => `y${i} = a${i} + ${i + 2}\nf(b${i}, c${i})`).join('\n')
const mistakes = mistakesOf('a.ts', source)
const counts = (of: typeof mistakes): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(of, ({ operator }) => operator)].map(([name, all]) => [name, all.length]),
  )

describe('a sample', () => {
  test('is the same for a seed, and another for another', () => {
    const drawn = sample(mistakes, source, 30, 1)
    expect(sample(mistakes, source, 30, 1)).toEqual(drawn)
    expect(sample(mistakes, source, 30, 2)).not.toEqual(drawn)
  })

  test('has as many as asked, or all, and each once', () => {
    expect(sample(mistakes, source, 30, 1)).toHaveLength(30)
    expect(new Set(sample(mistakes, source, 30, 1)).size).toBe(30)
    expect(sample(mistakes, source, 1000, 1)).toEqual(mistakes)
  })

  test('has the same share of each operator', () => {
    // a + 2: one; 2: two; the two statements: two; f(b, c): one.
    expect(counts(mistakes)).toEqual({
      arithmetic: 40,
      constant: 80,
      'dropped statement': 80,
      'swapped arguments': 40,
    })
    expect(counts(sample(mistakes, source, 30, 1))).toEqual({
      arithmetic: 5,
      constant: 10,
      'dropped statement': 10,
      'swapped arguments': 5,
    })
  })

  test('is not changed by a line that is put in above', () => {
    const later = `// a line more\n${source}`
    const texts = (all: typeof mistakes, of: string): string[] => all.map((one) => lineOf(one, of))
    expect(texts(sample(mistakesOf('a.ts', later), later, 30, 1), later)).toEqual(
      texts(sample(mistakes, source, 30, 1), source),
    )
  })
})

describe('a comment that calls a mutant equivalent', () => {
  const claimed = (text: string): string[] => {
    const claims = claimsOf('a.ts', text)
    return mistakesOf('a.ts', text)
      .filter((one) => claimFor(claims, one, text) !== null)
      .map((one) => `${one.line} ${one.operator} ${one.text}`)
  }

  test('means the mutants of that operator in its line', () => {
    expect(claimed('y = a < 1 // mutant: comparison is equivalent because a is odd\nz = a < 1')).toEqual([
      '1 comparison <=',
    ])
  })

  test('means those in the line below where it stands alone', () => {
    expect(claimed('// mutant: comparison is equivalent because a is odd\n// and more\ny = a < 1')).toEqual([
      '3 comparison <=',
    ])
  })

  test('means one change where it says which', () => {
    expect(claimed('y = 1 // mutant: constant `1` → `2` is equivalent because nobody reads y')).toEqual([
      '1 constant 2',
    ])
  })

  test('without a reason is refused', () => {
    expect(() => claimsOf('a.ts', 'y = 1 // mutant: constant is equivalent')).toThrow(
      "a.ts:1: expected 'mutant: <operator> [`before` → `after`] is equivalent because <reason>', got 'mutant: constant is equivalent'",
    )
  })

  test('is wrong where no such mutant is', () => {
    const text = 'y = a // mutant: comparison is equivalent because a is odd'
    expect(wrongClaims('a.ts', text, mistakesOf('a.ts', text))).toEqual([
      "a.ts:1: no mutant 'comparison' is there that the comment could mean",
    ])
  })

  test('may be there for one in twenty', () => {
    const line = 'f(1) // mutant: constant `1` → `2` is equivalent because f reads nothing'
    const all = (more: number): string =>
      [line, ...Array.from({ length: more }, (_, i) => `g(${i})`)].join('\n')
    // Three mutants a line: 21 have room for one, 18 for none.
    expect(wrongClaims('a.ts', all(6), mistakesOf('a.ts', all(6)))).toEqual([])
    expect(wrongClaims('a.ts', all(5), mistakesOf('a.ts', all(5)))).toEqual([
      'a.ts: 1 of 18 mutants are called equivalent, 0 may be (5 %)',
    ])
  })
})
