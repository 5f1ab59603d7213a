import { createInterface } from 'node:readline'

/** What a library has no such thing for: thrown by an operation, with the reason in a few words. */
export class NotOffered extends Error {}

const words = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
}

/** JSON has no NaN, no infinities and no −0: they travel as words. */
const written = (value) => (Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value))

/** A tensor as a library's adapter has it: `shape`, and `data` row by row. */
export const toTensor = ({ shape, data }) => ({ shape, data: data.map((value) => words[value] ?? value) })
const fromTensor = ({ shape, data }) => ({ shape, data: Array.from(data, (value) => written(Number(value))) })

/**
 * Answers questions on the standard input, one JSON a line: `{ id, op, options, tensors }`, with
 * `{ id, outputs }`, `{ id, notOffered }` or `{ id, error }`. The first line of the output names the library's version.
 */
export async function answerQuestions(version, operations) {
  // What a library says to the console is no answer.
  for (const name of ['log', 'info', 'warn', 'debug']) console[name] = () => {}
  const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
  say({ version })
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, op, options, tensors } = JSON.parse(line)
    try {
      if (operations[op] === undefined) throw new NotOffered(`no ${op}`)
      const given = Object.fromEntries(
        Object.entries(tensors).map(([name, tensor]) => [name, toTensor(tensor)]),
      )
      const outputs = await operations[op](given, options)
      say({
        id,
        outputs: Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, fromTensor(t)])),
      })
    } catch (error) {
      if (error instanceof NotOffered) say({ id, notOffered: error.message })
      else
        say({
          id,
          error: String(error?.message ?? error)
            .split('\n')[0]
            .slice(0, 200),
        })
    }
  }
}

/** NCHW elements in NHWC order, and back. */
export function channelsLast({ shape: [n, c, h, w], data }) {
  const out = new Float32Array(data.length)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < c; k++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) out[((i * h + y) * w + x) * c + k] = data[((i * c + k) * h + y) * w + x]
  return { shape: [n, h, w, c], data: out }
}
export function channelsFirst({ shape: [n, h, w, c], data }) {
  const out = new Float32Array(data.length)
  for (let i = 0; i < n; i++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        for (let k = 0; k < c; k++) out[((i * c + k) * h + y) * w + x] = data[((i * h + y) * w + x) * c + k]
  return { shape: [n, c, h, w], data: out }
}

/** Parameters after each step by name, as an optimizer's golden case has them: `weight.1`. */
export async function steps(tensors, options, start) {
  const names = Object.keys(tensors)
    .filter((name) => name.startsWith('param.'))
    .map((name) => name.slice(6))
  const outputs = {}
  const step = await start(Object.fromEntries(names.map((name) => [name, tensors[`param.${name}`]])))
  for (let t = 1; t <= options.steps; t++) {
    const gradients = Object.fromEntries(names.map((name) => [name, tensors[`grad.${name}.${t}`]]))
    if (Object.values(gradients).some((gradient) => gradient === undefined))
      throw new NotOffered('a step in which a parameter has no gradient')
    for (const [name, value] of Object.entries(await step(gradients))) outputs[`${name}.${t}`] = value
  }
  return outputs
}

/** Refuses options that an operation has no word for. */
export function onlyWith(options, known) {
  for (const [name, value] of Object.entries(options)) {
    if (known.includes(name) || value === undefined || value === false || value === null) continue
    throw new NotOffered(`${name} = ${JSON.stringify(value)}`)
  }
}
