import { zeros } from '@handgrad/tensor'
import { errorTensors } from './fixture.ts'
import { resolveArgs, resolveOptions } from './materialize.ts'
import type { ErrorCase, Spec } from './spec.ts'

function attempt(spec: Spec, item: ErrorCase): void {
  const tensors = errorTensors(spec, item)
  const named = Object.fromEntries(
    Object.keys(item.tensors ?? {}).map((name) => [name, tensors[`tensor.${name}`]]),
  )
  const options = resolveOptions(item.options, named)
  if (spec.kind === 'schedule') {
    spec.create(item)
  } else if (spec.kind === 'optimizer') {
    spec.create([zeros([1])], options)
  } else {
    const module = spec.create(resolveArgs(item.args, named), options)
    if (item.inputs !== undefined) module.forward(...Object.keys(item.inputs).map((name) => tensors[name]))
  }
}

/** What is wrong with how an error case is refused; null when it is refused with its message. */
export function checkRefusal(spec: Spec, item: ErrorCase): string | null {
  try {
    attempt(spec, item)
  } catch (error) {
    const { message } = error as Error
    const fits = typeof item.message === 'string' ? message === item.message : item.message.test(message)
    return fits ? null : `refused with "${message}", expected ${item.message}`
  }
  return 'accepted without an error'
}
