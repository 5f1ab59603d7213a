/** A value as messages name what came: `2`, `'mean'`, `null`, `an array`, `a Float32Array`, `a Promise`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return 'an array'
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name
  const own = typeof name === 'string' && name !== '' && name !== 'Object'
  return own ? `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}` : 'an object'
}
