import { type BackendName, backends, claimPool, poolFor } from '@handgrad/tensor'

/** Backends with kernels. */
export type Kernels = Exclude<BackendName, 'reference'>

/** The most threads that a network is tried on. */
const MOST = 8
let releases: (() => void)[] = []

/** Starts the workers of 8 threads; until one is up the calling thread does its work, so that is waited for. */
export async function startPools(): Promise<void> {
  const fast = backends().filter((name) => name !== 'reference')
  releases = fast.map((backend) => claimPool(backend, MOST, () => {}))
  while (fast.some((backend) => poolFor(backend, MOST).ready(MOST) < MOST - 1)) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Ends all workers. */
export function closePools(): void {
  for (const release of releases) release()
  releases = []
}
