/** How many networks are to take each outcome, where so many of those that were drawn do. */
const TIMES = 3

/**
 * `count` of the networks that were drawn, so that together they take each outcome at least {@link TIMES}: those that add
 * the most come first, so that the first few take everything; the rest is filled up in the order of drawing.
 */
export function choose(drawn: ReadonlyMap<number, Uint8Array>, count: number): number[] {
  const chosen = new Set<number>()
  const taken = new Uint8Array(Math.max(0, ...[...drawn.values()].map(({ length }) => length)))
  const adds = (outcomes: Uint8Array): number =>
    outcomes.reduce((sum, own, i) => (own !== 0 && taken[i] < TIMES ? sum + 1 : sum), 0)
  while (chosen.size < count) {
    let [best, most]: [number | null, number] = [null, 0]
    for (const [seed, outcomes] of drawn) {
      const added = chosen.has(seed) ? 0 : adds(outcomes)
      if (added > most) [best, most] = [seed, added]
    }
    if (best === null) break
    chosen.add(best)
    drawn.get(best)!.forEach((own, i) => {
      if (own !== 0 && taken[i] < TIMES) taken[i]++
    })
  }
  for (const seed of drawn.keys()) {
    if (chosen.size >= count) break
    chosen.add(seed)
  }
  return [...chosen]
}
