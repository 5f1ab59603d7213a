import type { Edit, Place } from '../syntax.ts'
import { arithmetic } from './arithmetic.ts'
import { removedClone, swappedArguments } from './calls.ts'
import { comparison, logical, negation } from './conditions.ts'
import { droppedStatement } from './statements.ts'
import { changedDefault, constant } from './values.ts'

/** Every kind of mistake, by its name. */
export const operators: Readonly<Record<string, (place: Place) => Edit[]>> = {
  arithmetic,
  comparison,
  logical,
  negation,
  constant,
  'dropped statement': droppedStatement,
  'swapped arguments': swappedArguments,
  'removed clone': removedClone,
  'changed default': changedDefault,
}
