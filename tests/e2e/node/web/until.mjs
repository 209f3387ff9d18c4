// Patience, the same for all: the machine may be busy with other tests.

export const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 60_000);

// Wait until `look` finds what is expected; `shown`: what there is instead.
export async function until(look, what, shown = () => '') {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await look())) {
    if (Date.now() > deadline) {
      throw new Error(`waited in vain: ${what} ${await shown()}`);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
