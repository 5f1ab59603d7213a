/** Code of a learner may take so long, in milliseconds, for all of its cases. */
export const LIMIT = 5000

/** What is said of a function that took longer. */
export const tooLong = (name: string, limit: number): string =>
  `your code did not end in ${limit / 1000} s, which is for the file and all calls of ${name}() together`

/**
 * JavaScript that declares `callAll(url, name, inputs)`: it calls a function that the module at `url` exports with each of the inputs
 * and promises what came of that. Plain text, so that it runs as it is in any worker, of Node or of a page.
 */
export const callAll = `
const textOf = (error) => error instanceof Error ? error.message : 'something that is no Error: ' + String(error)
const placeOf = (error, url) => {
  const line = error instanceof Error ? /:(\\d+):\\d+\\)?$/m.exec((error.stack ?? '').split(url)[1] ?? '') : null
  return line === null ? '' : ' (line ' + line[1] + ')'
}
const same = (a, b) => Array.isArray(a) ? Array.isArray(b) && a.length === b.length && a.every((v, i) => same(v, b[i])) : Object.is(a, b)
const call = (run, name, inputs, url) => {
  const given = structuredClone(inputs)
  let outputs
  try {
    outputs = run(given)
  } catch (error) {
    return { kind: 'threw', message: textOf(error) + placeOf(error, url) }
  }
  const changed = Object.keys(inputs).filter((key) => !same(inputs[key], given[key]))
  try {
    return { kind: 'gave', outputs: structuredClone(outputs), changed }
  } catch {
    const what = outputs instanceof Promise ? 'a promise: it must not be async' : 'something that is no number and no list'
    return { kind: 'refused', says: 'your ' + name + '() gave ' + what }
  }
}
const callAll = (url, name, inputs) => import(url).then(
  (module) => typeof module[name] === 'function'
    ? { kind: 'ran', calls: inputs.map((own) => call(module[name], name, own, url)) }
    : { kind: 'broken', why: 'the file exports no function ' + name + '()' },
  (error) => ({ kind: 'broken', why: 'the file does not load: ' + textOf(error) + placeOf(error, url) }),
)
`
