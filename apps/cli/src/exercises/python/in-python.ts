/** An exercise in Python with numpy: what stands in the place of the body in TypeScript. */
export interface InPython {
  /** The inputs that are whole numbers. */
  readonly whole?: readonly string[]
  /** The body of the function. */
  readonly solution: string
  /** The exercise's known mistakes, in their order: text that occurs once in the solution, and what is in its place. */
  readonly mistakes: readonly (readonly [find: string, replace: string])[]
}

/** Exercises by their name. */
export type ByName = Readonly<Record<string, InPython>>
