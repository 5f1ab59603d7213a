import { quote, SafetensorsError } from './error.ts'

/** Parsed JSON: an object is a Map, and a whole number without sign, point or exponent is a bigint. */
export type Json = string | bigint | number | boolean | null | Json[] | Map<string, Json>

/** As serde_json, the parser of the format's own library. */
const MAX_DEPTH = 127

/** Lengths are bounded so that no literal keeps the matcher busy; a longer one is an error at its next digit. */
const SCALAR = /true|false|null|-?(?:0|[1-9]\d{0,399})(?:\.\d{1,400})?(?:[eE][+-]?\d{1,400})?/y

interface Cursor {
  readonly text: string
  at: number
}

/**
 * Parses JSON more strictly than `JSON.parse`, which keeps the last of two equal keys without a word, rounds whole
 * numbers beyond 2⁵³, reads `1.0` as the integer 1 and lets unpaired surrogates pass.
 * @throws SafetensorsError for text that is not JSON, a repeated key, or more than 127 levels.
 */
export function parseJson(text: string): Json {
  const cursor = { text, at: 0 }
  const value = parseValue(cursor, 0)
  skipSpace(cursor)
  if (cursor.at < text.length) fail(cursor, 'nothing more')
  return value
}

function fail({ text, at }: Cursor, expected: string): never {
  const found = at < text.length ? quote(text.slice(at, at + 12)) : 'its end'
  throw new SafetensorsError(
    `the header is not JSON: at character ${at} expected ${expected}, found ${found}`,
  )
}

function skipSpace(cursor: Cursor): void {
  const { text } = cursor
  let at = cursor.at
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at++
  cursor.at = at
}

/** Steps over `mark` and the space before it, if it comes next. */
function accept(cursor: Cursor, mark: string): boolean {
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== mark) return false
  cursor.at++
  return true
}

function parseValue(cursor: Cursor, depth: number): Json {
  skipSpace(cursor)
  if (depth === MAX_DEPTH && '{['.includes(cursor.text[cursor.at]))
    fail(cursor, `at most ${MAX_DEPTH} levels`)
  if (accept(cursor, '{')) return parseObject(cursor, depth)
  if (accept(cursor, '[')) return parseArray(cursor, depth)
  return cursor.text[cursor.at] === '"' ? parseString(cursor) : parseScalar(cursor)
}

function parseObject(cursor: Cursor, depth: number): Map<string, Json> {
  const members = new Map<string, Json>()
  if (accept(cursor, '}')) return members
  do {
    skipSpace(cursor)
    if (cursor.text[cursor.at] !== '"') fail(cursor, 'a key in double quotes')
    const key = parseString(cursor)
    if (members.has(key)) throw new SafetensorsError(`the header has the key ${quote(key)} twice`)
    if (!accept(cursor, ':')) fail(cursor, "':'")
    members.set(key, parseValue(cursor, depth + 1))
  } while (accept(cursor, ','))
  if (!accept(cursor, '}')) fail(cursor, "',' or '}'")
  return members
}

function parseArray(cursor: Cursor, depth: number): Json[] {
  const items: Json[] = []
  if (accept(cursor, ']')) return items
  do items.push(parseValue(cursor, depth + 1))
  while (accept(cursor, ','))
  if (!accept(cursor, ']')) fail(cursor, "',' or ']'")
  return items
}

function parseString(cursor: Cursor): string {
  const { text, at } = cursor
  let end = at
  do {
    end = text.indexOf('"', end + 1)
    if (end < 0) fail(cursor, "a string with a closing '\"'")
  } while (isEscaped(text, end))
  const value = unescape(text.slice(at, end + 1))
  if (value === undefined) fail(cursor, 'a string with valid escapes')
  cursor.at = end + 1
  return value
}

/** True when an odd number of backslashes stands before `at`. */
function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text[first - 1] === '\\') first--
  return (at - first) % 2 === 1
}

function unescape(literal: string): string | undefined {
  try {
    const value = JSON.parse(literal) as string
    return value.isWellFormed() ? value : undefined
  } catch {
    return undefined
  }
}

function parseScalar(cursor: Cursor): Json {
  const start = cursor.at
  SCALAR.lastIndex = start
  const literal = SCALAR.exec(cursor.text)?.[0]
  if (literal === undefined) fail(cursor, 'a value')
  cursor.at += literal.length
  if (literal === 'null') return null
  if (literal === 'true' || literal === 'false') return literal === 'true'
  if (!Number.isFinite(Number(literal)))
    fail({ text: cursor.text, at: start }, 'a number that is not too large')
  return /^\d{1,20}$/.test(literal) ? BigInt(literal) : Number(literal)
}
