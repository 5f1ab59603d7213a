// Written by `pnpm generate` from the folders beside it.
export {}
