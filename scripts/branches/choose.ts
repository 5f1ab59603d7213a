/** How many networks are to take each outcome, where so many of those that were drawn do. */
const TIMES = 3
/** The dearest quarter takes most of the time. */
const CHEAP = 0.75

/** What is known of a network that was drawn. */
export interface Drawn {
  readonly taken: Uint8Array
  /** What comparing it costs, in milliseconds. */
  readonly cost: number
}

/**
 * `count` of the networks that were drawn, so that together they take each outcome at least {@link TIMES}: those that add
 * the most for what they cost come first; the rest is filled up in the order of drawing with the cheaper three quarters, and
 * then with the cheapest of the others.
 */
export function choose(drawn: ReadonlyMap<number, Drawn>, count: number): number[] {
  const chosen = new Set<number>()
  const taken = new Uint8Array(Math.max(0, ...[...drawn.values()].map((own) => own.taken.length)))
  const adds = (outcomes: Uint8Array): number =>
    outcomes.reduce((sum, own, i) => (own !== 0 && taken[i] < TIMES ? sum + 1 : sum), 0)
  while (chosen.size < count) {
    let [best, most]: [number | null, number] = [null, 0]
    for (const [seed, own] of drawn) {
      const added = chosen.has(seed) ? 0 : adds(own.taken) / own.cost
      if (added > most) [best, most] = [seed, added]
    }
    if (best === null) break
    chosen.add(best)
    drawn.get(best)!.taken.forEach((own, i) => {
      if (own !== 0 && taken[i] < TIMES) taken[i]++
    })
  }
  const costs = [...drawn.values()].map(({ cost }) => cost).sort((a, b) => a - b)
  const cheap = costs[Math.floor(CHEAP * costs.length)]
  const byCost = [...drawn].sort(([, a], [, b]) => Math.max(cheap, a.cost) - Math.max(cheap, b.cost))
  for (const [seed] of byCost) {
    if (chosen.size >= count) break
    chosen.add(seed)
  }
  return [...chosen]
}
