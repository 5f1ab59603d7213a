/** The repository's root: commands that look at its layers, fixtures or results start from here. */
export const repository: URL = new URL('../../../', import.meta.url)

/** False once this program is installed from npm: what lies around it then is somebody else's. */
export const isCheckout: boolean = import.meta.url.endsWith('/apps/cli/src/repository.ts')

/** Commands that look at the repository itself: `pnpm pack:cli` leaves them out. */
export const checkoutCommands: readonly (string | undefined)[] = ['bench', 'gradcheck', 'report']
