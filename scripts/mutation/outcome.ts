/** What came of a mistake. */
export type Outcome =
  | { readonly kind: 'caught'; readonly by: string; readonly message: string }
  /** `by`: how many test files looked; `left`: those that would have taken too long. */
  | { readonly kind: 'survived'; readonly by: number; readonly left: readonly string[] }
  | { readonly kind: 'timed out' }
  | { readonly kind: 'no code'; readonly message: string }

/** A mistake, and what came of it. */
export interface Judged {
  readonly file: string
  readonly line: number
  readonly operator: string
  /** What stood there, and what stands there now. */
  readonly change: string
  readonly outcome: Outcome
  /** Why it changes nothing, where a comment says so. */
  readonly reason: string | null
}
