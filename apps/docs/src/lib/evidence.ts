/** What the tests found for one step: on how many cases it was evaluated, and the worst difference. */
export interface Evidence {
  readonly cases: number
  readonly worst: string
}

export function evidenceOf(_derivation: string, _step: string): Evidence | null {
  return null
}
